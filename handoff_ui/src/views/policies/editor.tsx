import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { JsonObject, Policy, Saved } from '../../api/policy-types';
import { useApp } from '../../context';
import { disturb } from '../../hooks/armed';
import { Always } from './always';
import { AsText } from './as-text';
import {
  baseDocument,
  baseValue,
  changed,
  currentValue,
  documentOf,
  isChanged,
  lacksOwner,
  toTry,
  UNCHANGED,
  type Draft,
} from './draft';
import { OwnerFields } from './owner-fields';
import { ProposalPanel } from './proposal';
import { SaveStrip } from './save';
import { SettingRow } from './setting-row';
import { groupOf, GROUPS } from './setting-words';
import type { ItemsFile } from './from-file';
import { Simulation } from './simulation';
import { isOfFile, useSimulation } from './use-simulation';
import { useKeptDraft } from './use-kept-draft';
import { useParent } from './use-parent';
import { useMeanwhile } from './use-meanwhile';
import type { Opened } from './use-policy';
import { useSigner } from './use-signer';
import { verdictOf } from './verdict';

/** Numbers of which one must not be above the other; the companion names the first of them. */
const CROSSING = [
  ['thresholds.synchronous_below_confidence', 'thresholds.review_below_confidence'],
  ['thresholds.review_above_risk', 'thresholds.synchronous_from_risk'],
];

interface EditorProps {
  policy: Policy;
  opened: Opened;
  onSaved: (saved: Saved) => void;
  onSettled: (words: string) => void;
}

/** The rules as sentences, what they would have done at their side, and what saving does at the foot. */
export function Editor({ policy: saved, opened, onSaved, onSettled }: EditorProps): JSX.Element {
  const [draft, setDraft] = useKeptDraft(saved);
  const policy = useParent(saved, draft);
  const [faults, setFaults] = useState<ReadonlyMap<string, string>>(new Map());
  const [file, setFile] = useState<ItemsFile | null>(null);
  const [tried, setTried] = useState(false);
  const meanwhile = useMeanwhile(saved, draft, setDraft);

  const own = useMemo(() => documentOf(policy, draft), [policy, draft]);
  const needsOwner = policy.may_save && lacksOwner(draft.opened ?? baseDocument(policy));
  const document = tried && policy.proposal !== null ? policy.proposal.document : toTry(own);
  const simulated = useSimulation(policy.workflow_id, policy.version, document, file?.items ?? null);
  const refused = simulated.step === 'refused' ? simulated.problems : [];
  const elsewhere = refused.filter(
    ({ path }) => !isOfFile(path) && !policy.settings.some((setting) => setting.path === path),
  );
  const report = simulated.step === 'ready' && !tried && file === null ? simulated.report : null;
  const signer = useSigner(useApp().session?.reviewer.id ?? null);
  const verdict = useMemo(() => verdictOf(policy, draft, report, signer), [policy, draft, report, signer]);

  const fault = (path: string, sentence: string | null): void =>
    setFaults((before) => {
      const after = new Map(before);
      if (sentence === null) after.delete(path);
      else after.set(path, sentence);
      return after;
    });
  const discard = (): void => {
    disturb();
    setDraft(() => UNCHANGED);
    setFaults(new Map());
    meanwhile.dismiss();
  };
  const open = (text: JsonObject): void => {
    setFaults(new Map());
    setTried(false);
    setDraft(() => ({ changes: new Map(), opened: text }));
  };
  /** First rules that begin from other built-in ones; what was said about who answers for them is kept. */
  const begin = (name: string): void => {
    const base = baseDocument(policy);
    setFaults(new Map());
    setDraft((before) => ({
      changes: new Map([...before.changes].filter(([path]) => path.startsWith('owner.'))),
      opened: name === base.extends ? null : { ...base, extends: name },
    }));
  };
  const blocked =
    faults.size > 0
      ? 'A number cannot be used as it is; see what is marked.'
      : refused.some(({ path }) => !isOfFile(path)) && !tried
        ? (elsewhere[0]?.sentence ?? 'These rules cannot be used as they are; see what is marked.')
        : needsOwner && lacksOwner(own)
          ? 'Say who answers for this workflow before you save.'
          : simulated.step === 'working' && isChanged(draft)
            ? 'Working out what saving would do…'
            : null;
  return (
    <>
      <div class="policy__notices">
        {meanwhile.notice}
        {policy.proposal !== null && (
          <ProposalPanel
            key={policy.proposal.id}
            policy={policy}
            proposal={policy.proposal}
            isTried={tried}
            onTry={setTried}
            onSettled={(words) => {
              setTried(false);
              onSettled(words);
            }}
          />
        )}
      </div>
      <div class="policy__panes">
        <section class="policy__rules" aria-label="The rules">
          {needsOwner && (
            <OwnerFields
              document={own}
              begin={policy.version > 0 ? null : (policy.inherits ?? 'default')}
              onBegin={begin}
              onChange={(path, value) =>
                setDraft((before) => ({ ...before, changes: new Map([...before.changes, [path, value]]) }))
              }
            />
          )}
          {GROUPS.map(([group, title]) => {
            const settings = policy.settings.filter((setting) => groupOf(setting) === group);
            if (settings.length === 0) return null;
            return (
              <section key={group} class="group-of" aria-label={title}>
                <h2>{title}</h2>
                <ul class="settings">
                  {settings.map((setting) => (
                    <SettingRow
                      // What was typed in a field belongs to what it was typed over.
                      key={`${setting.path} ${draft.opened === null ? '' : 'text'}`}
                      setting={setting}
                      saved={baseValue(setting, draft)}
                      value={currentValue(setting, draft)}
                      fault={
                        faults.get(setting.path) ??
                        refused.find(({ path }) => markedAt(path, draft.changes) === setting.path)?.sentence ??
                        null
                      }
                      onChange={(value) => {
                        setTried(false);
                        setDraft((before) => changed(before, setting, value));
                      }}
                      onFault={(sentence) => fault(setting.path, sentence)}
                    />
                  ))}
                </ul>
              </section>
            );
          })}
          <Always effective={policy.effective} />
          <AsText policy={policy} document={own} isOpened={draft.opened !== null} onOpen={open} />
        </section>
        <Simulation
          workflowId={policy.workflow_id}
          simulated={simulated}
          isChanged={isChanged(draft) || tried}
          file={file}
          onFile={setFile}
        />
      </div>
      <SaveStrip
        policy={policy}
        draft={draft}
        verdict={verdict}
        report={simulated.report}
        blocked={blocked}
        onDiscard={discard}
        onSaved={(saved) => {
          setDraft(() => UNCHANGED);
          meanwhile.dismiss();
          onSaved(saved);
        }}
        onStale={opened.renew}
      />
    </>
  );
}

/** The field that is marked for a fault: where two numbers cross, the one that was moved. */
function markedAt(path: string, changes: Draft['changes']): string {
  const other = CROSSING.find((pair) => pair.includes(path))?.find((each) => each !== path);
  return other !== undefined && changes.has(other) && !changes.has(path) ? other : path;
}
