import type { JSX } from 'preact';
import type { Ready } from './use-case';

/** What stands in the record: enough to find the decision again years later (R-UI-27). */
export function Receipt({ ready }: { ready: Ready }): JSX.Element | null {
  const { live } = ready;
  if (live.decision === null) return null;
  return (
    <dl class="receipt" aria-label="Receipt">
      <div>
        <dt>Record</dt>
        <dd>
          <code>{live.decision.event_id}</code>
        </dd>
      </div>
      <div>
        <dt>Case</dt>
        <dd>
          <code>{live.id}</code>
        </dd>
      </div>
      <div>
        <dt>Content</dt>
        <dd>
          <code>{live.package_digest}</code>
        </dd>
      </div>
      {live.decided_at !== null && (
        <div>
          <dt>Time</dt>
          <dd>
            <code>{live.decided_at}</code>
          </dd>
        </div>
      )}
    </dl>
  );
}
