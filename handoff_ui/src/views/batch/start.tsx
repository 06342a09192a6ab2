import type { JSX } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Batch } from '../../api/desk-types';
import type { Live } from '../../api/types';
import { useApp } from '../../context';
import { humanise } from '../../content/humanise';
import { focusOn } from '../../hooks/armed';
import { Alarm } from '../../parts/alarm';
import { Button } from '../../parts/button';
import { Loading } from '../../parts/later';
import { Seen } from '../../parts/quote';
import { caseAddress, inboxAddress } from '../../route';
import { BlockedView } from '../blocked';
import { cameWith } from '../inbox/came-with';
import { heldBatch } from '../running-batch';

const SIZES = [10, 20, 50];

/** Asks before it takes: what is taken here, nobody else can decide for a quarter of an hour. */
export function Start({ like }: { like: string }): JSX.Element {
  const running = heldBatch();
  const held = running?.ids.includes(like) ? running.id : null;
  // What is held already is gone on with: a second batch would forget what was chosen in the first.
  useLayoutEffect(() => {
    if (held !== null) window.location.replace(`#/batch/${held}`);
  }, [held]);
  return held === null ? <Begin like={like} /> : <Loading />;
}

function Begin({ like }: { like: string }): JSX.Element {
  const { client } = useApp();
  const [example, setExample] = useState<Live | 'asking' | 'missing' | 'lost'>('asking');
  const [size, setSize] = useState(SIZES[1] as number);
  const [sending, setSending] = useState<{ step: 'idle' | 'busy' } | { step: 'failed'; why: string }>({ step: 'idle' });
  const key = useRef(crypto.randomUUID());
  const headline = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    document.title = 'Decide together – Handoff';
    void client.send<Live>(`/v1/handoffs/${like}`).then((answer) => {
      setExample(answer.kind === 'ok' ? answer.data : answer.kind === 'problem' ? 'missing' : 'lost');
    });
  }, [client, like]);
  useLayoutEffect(() => focusOn(headline.current), [example]);

  if (example === 'asking') return <Loading />;
  if (example === 'missing' || example === 'lost') {
    return <BlockedView why={{ why: example === 'missing' ? 'not_found' : 'lost' }} />;
  }
  const take = async (): Promise<void> => {
    setSending({ step: 'busy' });
    // Sent again after a lost answer, it takes nothing a second time.
    const headers = { 'Idempotency-Key': key.current };
    const answer = await client.send<Batch>('/v1/batches', { method: 'POST', body: { like, size }, headers });
    if (answer.kind === 'ok') window.location.replace(`#/batch/${answer.data.id}`);
    else if (answer.kind === 'problem') {
      key.current = crypto.randomUUID();
      setSending({ step: 'failed', why: answer.problem.detail });
    } else setSending({ step: 'failed', why: 'Handoff does not answer right now. Try again in a moment.' });
  };
  return (
    <div class="message batch-start">
      <h1 ref={headline} tabIndex={-1}>
        Decide similar cases together
      </h1>
      <p>
        Cases of “{humanise(example.workflow_id)}” that wait and are like this one:{' '}
        <a href={caseAddress(like)}>
          <Seen text={example.question} />
        </a>
      </p>
      <p>They are yours for 15 minutes. You read each of them on one page; what does not fit stands apart.</p>
      {sending.step === 'failed' && <Alarm title="No cases were taken.">{sending.why}</Alarm>}
      <div class="batch-start__act">
        <label class="batch-start__size">
          At most
          <select class="input" value={size} onChange={({ currentTarget }) => setSize(Number(currentTarget.value))}>
            {SIZES.map((many) => (
              <option key={many} value={many}>
                {many} cases
              </option>
            ))}
          </select>
        </label>
        <Button look="main" disabled={sending.step === 'busy'} onPress={() => void take()}>
          {sending.step === 'busy' ? 'Taking…' : 'Take them'}
        </Button>
        <a href={inboxAddress(cameWith())}>Back to the inbox</a>
      </div>
    </div>
  );
}
