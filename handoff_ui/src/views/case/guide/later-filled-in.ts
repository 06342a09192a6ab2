import { later } from '../../../parts/later';

/** What was filled into the form: for the second of two reviewers, and once it is decided. */
export const FilledIn = later(() => import('./filled-in').then(({ FilledIn: found }) => found));
