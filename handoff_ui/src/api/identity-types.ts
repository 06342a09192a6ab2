/** What the companion says about people and how they come in. Times are ISO 8601. */
import type { Person } from './person';
import type { Session } from './types';

export type Way = 'enrolment' | 'passkey' | 'oidc' | 'proxy' | 'link' | 'token';

export interface Absence {
  from: string;
  until: string;
  backup: Person | null;
}

/** Who is signed in, with all that the account shows. */
export interface Account extends Session {
  reviewer: Session['reviewer'] & {
    levels: number[] | null;
    queues: string[] | null;
    skills: string[];
    /** Until when each qualification counts; null for ever. */
    qualifications: Record<string, string | null>;
    absence: Absence | null;
  };
  method: Way;
  passkeys: number;
}

export interface SessionRow {
  id: string;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  /** What the browser calls itself, in words. */
  browser: string | null;
  assurance: string;
  method: Way;
  current: boolean;
}

export interface Token {
  id: string;
  label: string;
  created_at: string;
}

/** Somebody who can stand in. */
export interface Colleague {
  id: string;
  name: string;
  roles: string[];
  away_until?: string | null;
  /** Whether they do some of the work that this person does. */
  stands_in?: boolean;
}
