import { later } from '../../parts/later';

/** Signing in without leaving the case: after it the session is renewed, and what was typed stays. */
export const SignInWays = later(() => import('../sign-in/ways').then((module) => module.SignInWays));
