import type { JSX } from 'preact';
import { now_ms } from '../../api/clock';
import type { SessionRow } from '../../api/identity-types';
import { Loading } from '../../parts/later';
import { Seen } from '../../parts/quote';
import { dateWords, timeWords } from '../../words/time';
import { Line, Section } from './section';
import { Sure } from './sure';
import { useList } from './use-list';
import { wayWords } from './words';

/** Where one is signed in; the one that is used now ends with "Sign out" above. */
export function Sessions({ asked }: { asked: boolean }): JSX.Element {
  const { items, fault, act } = useList<SessionRow>('/v1/sessions');
  return (
    <Section
      title="Where you are signed in"
      about="If you do not know one of these, sign out there, and tell whoever runs Handoff."
      fault={fault}
      asked={asked}
    >
      {items === null && fault === null && <Loading />}
      <ul class="account__list">
        {items?.map((row) => (
          <Line
            key={row.id}
            name={row.current ? 'This browser' : <Seen text={row.browser ?? 'Another browser'} />}
            facts={facts(row)}
          >
            {!row.current && (
              <Sure
                label="Sign out there"
                of={`of ${row.browser ?? 'the other browser'}`}
                ask="Whoever uses it has to sign in again."
                onSure={() => act(`/v1/sessions/${row.id}`, 'DELETE', {})}
              />
            )}
          </Line>
        ))}
      </ul>
    </Section>
  );
}

function facts({ created_at, expires_at, last_used_at, method, current, browser }: SessionRow): string[] {
  return [
    ...(current && browser !== null ? [browser] : []),
    `signed in ${timeWords(Date.parse(created_at), now_ms())} with ${wayWords(method)}`,
    ...(last_used_at !== null && !current ? [`last used ${dateWords(Date.parse(last_used_at))}`] : []),
    `until ${dateWords(Date.parse(expires_at))}`,
  ];
}
