import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Token } from '../../api/identity-types';
import { Button } from '../../parts/button';
import { Loading } from '../../parts/later';
import { Seen } from '../../parts/quote';
import { dateWords } from '../../words/time';
import { Line, Section } from './section';
import { Sure } from './sure';
import { useList } from './use-list';

const ABOUT =
  'For scripts of your own. A token acts in your name, wherever it is: it can decide what you can decide, except what ' +
  'asks for a passkey.';

export function Tokens({ asked }: { asked: boolean }): JSX.Element {
  const { items, fault, act } = useList<Token>('/v1/tokens');
  const [label, setLabel] = useState('');
  const [made, setMade] = useState<(Token & { token: string }) | null>(null);
  const make = async (): Promise<void> => {
    if (label.trim() === '') return;
    const token = await act<Token & { token: string }>('/v1/tokens', 'POST', { label: label.trim() });
    if (token === null) return;
    setMade(token);
    setLabel('');
  };
  return (
    <Section title="Personal tokens" about={ABOUT} fault={fault} asked={asked}>
      {items === null && fault === null && <Loading />}
      {items?.length === 0 && <p class="nothing">You have no token.</p>}
      <ul class="account__list">
        {items?.map((token) => (
          <Line
            key={token.id}
            name={<Seen text={token.label} />}
            facts={[`made ${dateWords(Date.parse(token.created_at))}`]}
          >
            <Sure
              label="Revoke"
              of={`the token ${token.label}`}
              ask="Scripts that use it stop working at once."
              onSure={async () => {
                if (made?.id === token.id) setMade(null);
                await act(`/v1/tokens/${token.id}`, 'DELETE', {});
              }}
            />
          </Line>
        ))}
      </ul>
      {made !== null && <Shown token={made} onDone={() => setMade(null)} />}
      <form
        class="account__form"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label class="field">
          <span class="field__label">What is the new token for?</span>
          <input
            class="input"
            autocomplete="off"
            maxLength={60}
            placeholder="Nightly report"
            value={label}
            onInput={({ currentTarget }) => setLabel(currentTarget.value)}
          />
        </label>
        <Button look="strong" disabled={label.trim() === ''} onPress={() => void make()}>
          Make a token
        </Button>
      </form>
    </Section>
  );
}

/** The one time that a token can be read. */
function Shown({ token, onDone }: { token: Token & { token: string }; onDone: () => void }): JSX.Element {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = (): void => {
    navigator.clipboard.writeText(token.token).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  };
  return (
    <div class="account__secret" role="status">
      <p>
        <b>Copy the token now.</b> It is shown this once.
      </p>
      <code>{token.token}</code>
      <div class="account__buttons">
        <Button look="main" onPress={copy}>
          {copied === true ? 'Copied' : 'Copy'}
        </Button>
        <Button look="quiet" onPress={onDone}>
          I have it
        </Button>
      </div>
      {copied === false && <p>The browser did not let it be copied: mark the text, and copy it yourself.</p>}
    </div>
  );
}
