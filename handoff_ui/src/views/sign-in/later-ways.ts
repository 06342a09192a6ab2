import { later } from '../../parts/later';

/** Signing in without leaving the page: after it the session is renewed, and what was typed stays. */
export const SignInWays = later(() => import('./ways').then((module) => module.SignInWays));
