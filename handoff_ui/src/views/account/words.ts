/** Roles, ways in and qualifications, as a person says them. */
import type { Account, Way } from '../../api/identity-types';
import { humanise } from '../../content/humanise';
import { dateWords, parseTime } from '../../words/time';

const ROLES: Record<string, string> = {
  approver: 'decides cases',
  owner: 'decides cases, assigns them, takes them back from the queue, and looks after the rules',
  triager: 'sorts what comes in before it is reviewed',
  verifier: 'goes through the checks of a case',
  auditor: 'reads every case and every record, and adds notes',
  on_call: 'gets what is urgent or stuck, and decides at the highest level',
  governance: 'approves changes of the rules',
  compliance: 'reads every case, also what others do not see, with a reason',
  operator: 'sets the rules of workflows',
  sre: 'sees how the system runs, and no case',
};

export function roleWords(role: string): { name: string; does: string } {
  const name = role === 'sre' ? 'Reliability engineer' : humanise(role);
  return { name, does: ROLES[role] ?? '' };
}

const WAYS: Record<Way, string> = {
  enrolment: 'an enrolment link',
  passkey: 'a passkey',
  oidc: 'your organisation’s sign-in',
  proxy: 'your organisation’s sign-in',
  link: 'a personal link',
  token: 'a personal token',
};

export function wayWords(way: Way): string {
  return WAYS[way] ?? way;
}

/** "All workflows", or which ones. */
export function scopeWords(names: readonly string[] | null, all: string): string {
  if (names === null) return all;
  return names.length === 0 ? 'None' : names.map(humanise).join(', ');
}

export function levelWords(levels: readonly number[] | null): string {
  if (levels === null) return 'All levels';
  return levels.map((level) => (level === 4 ? 'On call' : `Level ${level}`)).join(', ');
}

/** "Security trained, until 3 Mar 2027", with those that are over last. */
export function qualificationWords({ skills, qualifications }: Account['reviewer'], now_ms: number): string[] {
  const known: Record<string, string | null> = {
    ...Object.fromEntries(skills.map((skill) => [skill, null])),
    ...qualifications,
  };
  const listed = Object.entries(known).map(([skill, until]) => {
    const until_ms = parseTime(until);
    const over = until_ms !== null && until_ms <= now_ms;
    const when =
      until_ms === null
        ? ''
        : over
          ? `: ended on ${dateWords(until_ms)}, so it does not count any more`
          : `, until ${dateWords(until_ms)}`;
    return { over, text: `${humanise(skill)}${when}` };
  });
  return [...listed.filter(({ over }) => !over), ...listed.filter(({ over }) => over)].map(({ text }) => text);
}

/** What to call a passkey or a session of this browser, until the person knows better. */
export function deviceWords(userAgent: string): string {
  const [browser] = [/Edg\//, /Firefox\//, /Chrome\//, /Safari\//].flatMap((sign, at) =>
    sign.test(userAgent) ? [['Edge', 'Firefox', 'Chrome', 'Safari'][at]] : [],
  );
  const [system] = [/iPhone/, /iPad/, /Android/, /Windows/, /Mac OS/, /Linux/].flatMap((sign, at) =>
    sign.test(userAgent) ? [['iPhone', 'iPad', 'Android', 'Windows', 'Mac', 'Linux'][at]] : [],
  );
  return [browser ?? 'Browser', system && `on ${system}`].filter(Boolean).join(' ');
}
