import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { JsonObject, Policy, Saved, Version } from '../../api/policy-types';
import { useApp } from '../../context';
import { useFocusBack } from '../../hooks/use-focus-back';
import { Button, GuardedButton } from '../../parts/button';
import { At } from '../../parts/deadline';
import { Seen } from '../../parts/quote';
import { approverWords } from './approver-words';
import { asDifference, Differences } from './differences';
import { differing, type Draft } from './draft';
import { ReasonForm } from './reason-form';
import { policyPath, type Opened } from './use-policy';
import { answerWords } from './save';
import { useSending, type Sending } from './use-sending';
import { useSimulation } from './use-simulation';
import { useSigner } from './use-signer';
import { verdictOf } from './verdict';

interface VersionsProps {
  policy: Policy;
  opened: Opened;
  onSaved: (saved: Saved) => void;
}

/** Every version: who, when, why, who signed it off, what it changed, and the way back to it (R-GOV-16, R-GOV-22). */
export function Versions({ policy, opened, onSaved }: VersionsProps): JSX.Element {
  const { client } = useApp();
  const [versions, setVersions] = useState<Version[] | null>(null);
  const [lost, setLost] = useState(false);
  const [tries, setTries] = useState(0);
  const { workflow_id, version } = policy;
  useLayoutEffect(() => {
    let over = false;
    void client.send<{ items: Version[] }>(policyPath(workflow_id, 'versions')).then((answer) => {
      if (over) return;
      setLost(answer.kind !== 'ok');
      if (answer.kind === 'ok') setVersions([...answer.data.items].sort((a, b) => b.version - a.version));
    });
    return () => {
      over = true;
    };
  }, [client, workflow_id, version, tries]);

  if (lost && versions === null) {
    return (
      <p class="inbox__empty">
        The versions cannot be had right now. Nothing is lost.{' '}
        <Button onPress={() => setTries(tries + 1)}>Ask again</Button>
      </p>
    );
  }
  if (versions === null) return <div class="versions__room" />;
  if (versions.length === 0) {
    return (
      <p class="inbox__empty">
        This workflow has no version of its own yet: it runs under the rules of “{policy.inherits ?? 'default'}”. The
        first one is made when somebody saves.
      </p>
    );
  }
  return (
    <ol class="versions">
      {versions.map((one) => (
        <VersionRow key={one.version} version={one} policy={policy} opened={opened} onSaved={onSaved} />
      ))}
    </ol>
  );
}

function VersionRow({
  version,
  policy,
  opened,
  onSaved,
}: VersionsProps & {
  version: Version;
}): JSX.Element {
  const isActive = version.version === policy.version;
  const [back, setBack] = useState<JsonObject | null>(null);
  const sending = useSending();
  const box = useFocusBack<HTMLLIElement>(back !== null);
  const path = policyPath(policy.workflow_id, `versions/${version.version}`);
  const begin = async (): Promise<void> => {
    const found = await sending.send<{ document: JsonObject }>(path, {});
    if (found !== null) setBack(found.document);
  };
  const goBack = async (reason: string): Promise<void> => {
    const request = {
      method: 'PUT' as const,
      headers: { 'If-Match': `"${policy.version}"` },
      body: { document: back, reason },
    };
    const saved = await sending.send<Saved>(policyPath(policy.workflow_id), request, async ({ status }) => {
      if (status === 412) await opened.renew();
      return false;
    });
    if (saved === null) return;
    setBack(null);
    onSaved(saved);
  };
  return (
    <li class="version" ref={box} data-active={isActive}>
      <div class="version__head">
        <h2>
          Version {version.version}
          {isActive && <span class="chip">active</span>}
        </h2>
        <p class="version__who">
          {version.saved_by?.name ?? 'Handoff'}, <At at={version.saved_at} />
          {version.approved_by !== null && `; ${approverWords(version.approved_by)}`}
        </p>
      </div>
      {version.reason && (
        <p class="version__why">
          “<Seen text={version.reason} />”
        </p>
      )}
      {version.version === 1 && version.diff.length === 0 ? (
        <p class="nothing">The first rules of its own.</p>
      ) : (
        <Differences diff={version.diff} settings={policy.settings} />
      )}
      {!isActive && policy.may_save && back === null && (
        <div>
          <GuardedButton disabled={sending.busy} onPress={() => void begin()}>
            Go back to this version…
          </GuardedButton>
          {sending.trouble.map((sentence) => (
            <p key={sentence} class="field__wrong" role="status">
              {sentence}
            </p>
          ))}
        </div>
      )}
      {back !== null && (
        <BackForm
          {...{ version, policy, back, sending }}
          onSubmit={(reason) => void goBack(reason)}
          onCancel={() => setBack(null)}
        />
      )}
    </li>
  );
}

interface BackProps {
  version: Version;
  policy: Policy;
  back: JsonObject;
  sending: Sending;
  onSubmit: (reason: string) => void;
  onCancel: () => void;
}

function BackForm({ version, policy, back, sending, onSubmit, onCancel }: BackProps): JSX.Element {
  const draft: Draft = { opened: back, changes: new Map() };
  const simulated = useSimulation(policy.workflow_id, policy.version, back, null);
  const report = simulated.step === 'ready' ? simulated.report : null;
  const signer = useSigner(useApp().session?.reviewer.id ?? null);
  const verdict = verdictOf(policy, draft, report, signer);
  return (
    <ReasonForm
      title={`Go back to version ${version.version}`}
      ask="Why back? It stays with the new version."
      submit={verdict.status === 'proposed' ? 'Send to governance' : `Save it as version ${policy.version + 1}`}
      busy={sending.busy}
      blocked={simulated.step === 'working' ? 'Working out what going back would do…' : null}
      trouble={sending.trouble}
      onSubmit={onSubmit}
      onCancel={() => {
        sending.clear();
        onCancel();
      }}
    >
      <Differences diff={differing(policy, draft).map(asDifference)} settings={policy.settings} />
      {report !== null && report.items > 0 && <p>{answerWords(report)}</p>}
      <p class="save__verdict" data-status={verdict.status}>
        {verdict.sentence}
      </p>
    </ReasonForm>
  );
}
