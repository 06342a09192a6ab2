import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { Loading } from '../../parts/later';
import { Seen } from '../../parts/quote';
import type { Passkey } from '../../trust/passkey';
import { dateWords } from '../../words/time';
import { AddPasskey } from './add-passkey';
import { Line, Section } from './section';
import { Sure } from './sure';
import { useList } from './use-list';

const ABOUT =
  'A passkey is your fingerprint, face or security key. With one you sign in without a link, and confirm the decisions ' +
  'that ask for it.';

export function Passkeys({ asked }: { asked: boolean }): JSX.Element {
  const { items, fault, act, reload } = useList<Passkey>('/v1/passkeys');
  const [added, setAdded] = useState(false);
  return (
    <Section title="Passkeys" about={ABOUT} fault={fault} asked={asked}>
      {items === null && fault === null && <Loading />}
      {items?.length === 0 && <p class="nothing">You have no passkey yet.</p>}
      <ul class="account__list">
        {items?.map((passkey) => (
          <Line key={passkey.id} name={<Seen text={passkey.name} />} facts={facts(passkey)}>
            <Sure
              label="Remove"
              of={`the passkey ${passkey.name}`}
              ask={
                items.length === 1
                  ? 'It is your last one. Without a passkey you need an enrolment link to sign in elsewhere.'
                  : 'It will not sign you in any more.'
              }
              onSure={() => act(`/v1/passkeys/${passkey.id}`, 'DELETE', {})}
            />
          </Line>
        ))}
      </ul>
      {added && <p role="status">The passkey was added.</p>}
      <AddPasskey
        onAdded={() => {
          setAdded(true);
          void reload();
        }}
      />
    </Section>
  );
}

function facts({ created_at, last_used_at, backed_up }: Passkey): string[] {
  return [
    `added ${dateWords(Date.parse(created_at))}`,
    last_used_at === null ? 'never used' : `last used ${dateWords(Date.parse(last_used_at))}`,
    ...(backed_up ? ['kept in your account with the maker of the device'] : ['only on its device']),
  ];
}
