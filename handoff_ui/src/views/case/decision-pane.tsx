import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { focusOn } from '../../hooks/armed';
import { Deadline } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { ActForm } from './act-form';
import { Actions } from './actions';
import { decides } from './acts';
import { formWords } from './form-words';
import { Outcome } from './outcome';
import { isOpen } from './outcome-words';
import { Progress } from './progress';
import type { Acting } from './use-act';
import type { Ready } from './use-case';
import { useControls } from './use-controls';
import type { Draft } from './use-draft';
import type { Item } from './use-large-values';

interface PaneProps {
  ready: Ready;
  item: Item;
  draft: Draft;
  acting: Acting;
}

/** Right: what to check, and how to say it; once it is said, what became of it. */
export function DecisionPane({ ready, item, draft, acting }: PaneProps): JSX.Element {
  const { live, verified } = ready;
  const { instructions } = verified.package.metadata;
  return (
    <section class="pane pane--decide" aria-label="Your decision" id="decision">
      {!isOpen(live) && <Outcome ready={ready} acting={acting} />}
      {isOpen(live) && (
        <>
          <h2>Your decision</h2>
          <p class="pane__due">
            <Deadline at={live.expires_at} />
          </p>
        </>
      )}
      {isOpen(live) && instructions.length > 0 && (
        <ol class="instructions">
          {instructions.map((text, at) => (
            <li key={at}>
              <Seen text={text} />
            </li>
          ))}
        </ol>
      )}
      {isOpen(live) && <OpenControls ready={ready} item={item} draft={draft} acting={acting} />}
    </section>
  );
}

function OpenControls({ ready, item, draft, acting }: PaneProps): JSX.Element {
  const controls = useControls(ready, item, draft, acting);
  const { form, hidden, needsReason } = controls;
  const { approve_label } = ready.verified.package.metadata;
  const bar = useRef<HTMLDivElement>(null);
  const before = useRef(form);
  useEffect(() => {
    // A form that closes gives the focus back to the button that opened it.
    if (before.current !== null && form === null) {
      const opener = bar.current?.querySelector<HTMLElement>(`button[name=${before.current}]`);
      focusOn(opener?.offsetParent ? opener : (bar.current?.querySelector<HTMLElement>('.actions__more') ?? null));
    }
    before.current = form;
  }, [form]);
  return (
    <div class="controls" data-open={form !== null} ref={bar}>
      <Progress live={ready.live} acting={acting} />
      {hidden.present && (
        <label class="acknowledge">
          <input
            type="checkbox"
            checked={hidden.acknowledged}
            onChange={({ currentTarget }) => hidden.acknowledge(currentTarget.checked)}
          />
          I saw what is hidden or left out in this text
        </label>
      )}
      {form === null ? (
        <Actions live={ready.live} approveLabel={approve_label} controls={controls} />
      ) : (
        <ActForm
          key={form}
          words={formWords(form, approve_label, needsReason(form))}
          reasonCodes={needsReason(form) ? ready.live.reason_codes : null}
          confirmWord={decides(form) ? controls.confirmWord : null}
          blocked={controls.whyNotSend(form)}
          busy={controls.busy}
          onSubmit={(filled) => controls.submit(form, filled)}
          onCancel={controls.close}
        />
      )}
    </div>
  );
}
