import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { now_ms } from '../../api/clock';
import type { Absence as Away, Account, Colleague } from '../../api/identity-types';
import { useApp } from '../../context';
import { Button, GuardedButton } from '../../parts/button';
import { Seen } from '../../parts/quote';
import { timeWords } from '../../words/time';
import { Section } from './section';
import { NO_ANSWER } from './use-list';

const ABOUT = 'While you are away, somebody else gets what is assigned to you, also what waits for you now.';

interface AbsenceProps {
  account: Account;
  asked: boolean;
  onChanged: () => Promise<void>;
}

export function Absence({ account, asked, onChanged }: AbsenceProps): JSX.Element {
  const { client } = useApp();
  const [fault, setFault] = useState<string | null>(null);
  const [moved, setMoved] = useState<number | null>(null);
  const [busy, setBusy] = useState(false);
  const { absence } = account.reviewer;
  const path = `/v1/reviewers/${account.reviewer.id}/absence`;
  const send = async (method: 'PUT' | 'DELETE', body: object): Promise<void> => {
    setBusy(true);
    setFault(null);
    setMoved(null);
    const answer = await client.send<{ moved?: unknown[] }>(path, { method, body });
    if (answer.kind === 'ok') {
      setMoved(method === 'PUT' ? (answer.data?.moved?.length ?? null) : null);
      await onChanged();
    } else setFault(answer.kind === 'problem' ? answer.problem.detail : NO_ANSWER);
    setBusy(false);
  };
  return (
    <Section title="Away" about={ABOUT} fault={fault} asked={asked}>
      {absence === null ? (
        <AwayForm me={account.reviewer.id} busy={busy} onSend={(body) => void send('PUT', body)} />
      ) : (
        <div class="account__away">
          <p role="status">
            <b>{awayWords(absence)}</b>
            {absence.backup !== null && (
              <>
                {' '}
                <Seen text={absence.backup.name ?? 'Somebody else'} /> stands in for you.
              </>
            )}
            {moved !== null && moved > 0 && ` ${moved === 1 ? '1 case was' : `${moved} cases were`} passed on.`}
          </p>
          <GuardedButton look="strong" disabled={busy} onPress={() => void send('DELETE', {})}>
            {Date.parse(absence.from) > now_ms() ? 'I am not going away' : 'I am back'}
          </GuardedButton>
        </div>
      )}
    </Section>
  );
}

function awayWords({ from, until }: Away): string {
  const [from_ms, until_ms] = [Date.parse(from), Date.parse(until)];
  const end = timeWords(until_ms, now_ms());
  return from_ms > now_ms()
    ? `You will be away from ${timeWords(from_ms, now_ms())} until ${end}.`
    : `You are away until ${end}.`;
}

interface FormProps {
  me: string;
  busy: boolean;
  onSend: (body: { from: string | null; until: string; backup_id: string | null }) => void;
}

function AwayForm({ me, busy, onSend }: FormProps): JSX.Element {
  const { client } = useApp();
  const [people, setPeople] = useState<Colleague[]>([]);
  const [from, setFrom] = useState('');
  const [until, setUntil] = useState('');
  const [backup, setBackup] = useState('');
  useLayoutEffect(() => {
    void client.send<{ items: Colleague[] }>('/v1/reviewers').then((answer) => {
      if (answer.kind === 'ok')
        setPeople(answer.data.items.filter(({ id, stands_in }) => id !== me && stands_in !== false));
    });
  }, [client, me]);
  const isBackwards = until !== '' && Date.parse(until) <= (from === '' ? now_ms() : Date.parse(from));
  const send = (): void => {
    if (until === '' || isBackwards || busy) return;
    onSend({ from: from === '' ? null : iso(from), until: iso(until), backup_id: backup === '' ? null : backup });
  };
  return (
    <form
      class="account__form"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Moment label="From (now, when left empty)" value={from} onChange={setFrom} />
      <Moment label="Until" value={until} onChange={setUntil} />
      <label class="field">
        <span class="field__label">Who stands in for you</span>
        <select class="input" value={backup} onChange={({ currentTarget }) => setBackup(currentTarget.value)}>
          <option value="">Whoever can</option>
          {people.map(({ id, name, away_until }) => (
            <option key={id} value={id} disabled={Boolean(away_until)}>
              {name}
              {away_until && ' (away too)'}
            </option>
          ))}
        </select>
      </label>
      <Button look="strong" disabled={until === '' || isBackwards || busy} onPress={send}>
        I am away
      </Button>
      {isBackwards && (
        <p class="account__wrong" role="status">
          {from === '' ? 'That is over already.' : 'It would end before it begins.'}
        </p>
      )}
    </form>
  );
}

function Moment({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      <span class="field__label">{label}</span>
      <input
        class="input"
        type="datetime-local"
        value={value}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </label>
  );
}

/** What the person entered is the time on their own clock. */
function iso(local: string): string {
  return new Date(local).toISOString();
}
