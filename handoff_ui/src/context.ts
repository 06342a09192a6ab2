import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Client, Config } from './api/client';
import type { Pause } from './api/policy-types';
import type { Session } from './api/types';
import type { FindKey } from './trust/keys';
import type { Attachment } from './trust/package';

/** What every view needs, and gets from the app that was started. */
export interface App {
  client: Client;
  findKey: FindKey;
  config: Config;
  session: Session | null;
  /** Asks again who is signed in, after an enrolment or a sign-out. */
  renewSession: () => Promise<void>;
  /** What is paused now, as far as this person may know. */
  pauses: Pause[];
  renewPauses: () => Promise<void>;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === null) throw new Error('A view was rendered outside of the app.');
  return app;
}

/** The files of the case that is open. */
export interface CaseFiles {
  handoffId: string;
  attachments: Attachment[];
}

export const CaseFilesContext = createContext<CaseFiles>({ handoffId: '', attachments: [] });

export function useCaseFiles(): CaseFiles {
  return useContext(CaseFilesContext);
}
