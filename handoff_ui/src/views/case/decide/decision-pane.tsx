import type { JSX } from 'preact';
import { useCallback, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { focusOn } from '../../../hooks/armed';
import { typedNow, type Values } from '../../../hooks/use-kept';
import { later } from '../../../parts/later';
import { isOpen } from '../../../words/standing';
import { ActForm } from '../acts/act-form';
import { decides, endsPart } from '../acts/acts';
import { approveWords, formWords } from '../acts/form-words';
import { Guide } from '../guide/guide';
import { Outcome } from '../outcome/outcome';
import { Progress } from '../outcome/progress';
import type { Acting } from '../acts/use-act';
import type { Ready } from '../live/use-case';
import { useControls } from '../controls/use-controls';
import type { Draft } from '../content/use-draft';
import type { Item } from '../content/use-large-values';
import { Actions } from './actions';
import { Due } from './due';
import { FormExtras, FormLead } from './form-extras';

interface PaneProps {
  ready: Ready;
  item: Item;
  draft: Draft;
  acting: Acting;
  /** The whole package is shown, with what is hidden from this person's role. */
  disclosed: boolean;
}

interface OpenProps extends PaneProps {
  /** Called while what was typed is still known. */
  onGone: () => void;
}

/** Only who is overtaken while writing needs it. */
const Unsent = later(() => import('../outcome/unsent').then(({ Unsent: found }) => found));

/** Right: what to check, and how to say it; once it is said, what became of it. */
export function DecisionPane(props: PaneProps): JSX.Element {
  const { ready, acting, item, draft } = props;
  const { sending } = acting;
  const [unsent, setUnsent] = useState<Values>([]);
  const { discard } = draft;
  const overtaken = useCallback((): void => {
    setUnsent(typedNow());
    discard();
  }, [discard]);
  const decidedHere = 'kind' in sending && decides(sending.kind) && sending.step !== 'refused';
  return (
    <section class="pane pane--decide" aria-label="Your decision" id="decision">
      {isOpen(ready.live) ? (
        <OpenControls {...props} onGone={overtaken} />
      ) : (
        <>
          <Outcome ready={ready} acting={acting} />
          {unsent.length > 0 && !decidedHere && <Unsent values={unsent} output={item.model_output} />}
        </>
      )}
    </section>
  );
}

function OpenControls({ ready, item, draft, acting, disclosed, onGone }: OpenProps): JSX.Element {
  useLayoutEffect(() => onGone, [onGone]);
  const { live, verified } = ready;
  const controls = useControls(ready, item, draft, acting, disclosed);
  const { form, hidden, needsReason } = controls;
  const { metadata } = verified.package;
  const approveLabel = approveWords(metadata.approve_label);
  const urgent = metadata.time_sensitive === true;
  const bar = useRef<HTMLDivElement>(null);
  const before = useRef(form);
  const ended = acting.sending.step === 'done' && endsPart(acting.sending.kind);
  useLayoutEffect(() => {
    // A form that closes gives the focus back to the button that opened it; after an act it stands on the next case.
    if (before.current !== null && form === null && !ended) {
      const opener = bar.current?.querySelector<HTMLElement>(`button[name=${before.current}]`);
      focusOn(opener?.offsetParent ? opener : (bar.current?.querySelector<HTMLElement>('.actions__more') ?? null));
    }
    before.current = form;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [form]);
  return (
    <>
      <h2>{live.stage === 'triage' ? 'Your part' : 'Your decision'}</h2>
      <Due live={live} />
      <Guide live={live} metadata={metadata} controls={controls} acting={acting} />
      <div class="controls" data-open={form !== null} ref={bar}>
        <Progress live={live} acting={acting} />
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
          <Actions live={live} approveLabel={approveLabel} urgent={urgent} controls={controls} acting={acting} />
        ) : (
          <ActForm
            key={form}
            words={formWords(form, approveLabel, needsReason(form))}
            reasonCodes={needsReason(form) ? live.reason_codes : null}
            confirmWord={decides(form) ? controls.confirmWord : null}
            passkey={controls.needsPasskey(form)}
            blocked={controls.whyNotSend(form)}
            busy={controls.busy}
            onSubmit={(filled) => controls.submit(form, filled)}
            onCancel={controls.close}
            lead={<FormLead kind={form} live={live} controls={controls} />}
          >
            <FormExtras kind={form} live={live} urgent={urgent} controls={controls} />
          </ActForm>
        )}
      </div>
    </>
  );
}
