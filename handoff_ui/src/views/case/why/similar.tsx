import type { JSX } from 'preact';
import { humanise } from '../../../content/humanise';
import { spelled } from '../../../content/reading';
import { Panel } from '../../../parts/panel';
import { Seen } from '../../../parts/quote';
import { caseAddress } from '../../../route';
import type { Metadata, SimilarCase } from '../../../trust/package';
import { dateTimeWords, parseTime } from '../../../words/time';

interface SimilarProps {
  metadata: Metadata;
  codes: { code: string; label: string }[];
}

/** Cases like this one that people decided, what they decided and when, and why each is like it (R-UI-10). */
export function Similar({ metadata, codes }: SimilarProps): JSX.Element | null {
  const cases = metadata.similar_cases ?? [];
  if (cases.length === 0) return null;
  return (
    <Panel title="Similar cases before">
      <ul class="lines">
        {cases.map((found) => (
          <li key={found.id} class="similar">
            <span class="similar__what">
              <b>{decisionWords(found.decision)}</b> {whenWords(found)}
            </span>
            {found.reason_code && (
              <span class="similar__aside">
                <Seen
                  text={codes.find(({ code }) => code === found.reason_code)?.label ?? humanise(found.reason_code)}
                />
              </span>
            )}
            <span class="similar__aside">
              <Seen text={[found.why].flat().join('; ')} />
            </span>
            <a class="similar__id" href={caseAddress(found.id)}>
              <code>{found.id}</code>
            </a>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

const DECISIONS: Record<string, string> = {
  accept: 'Approved',
  approve: 'Approved',
  approved: 'Approved',
  modify: 'Approved in an edited version',
  modified: 'Approved in an edited version',
  reject: 'Rejected',
  rejected: 'Rejected',
  rolled_back: 'Approved, then taken back',
};

function decisionWords(decision: string): string {
  return DECISIONS[decision] ?? humanise(decision);
}

function whenWords({ at, by }: SimilarCase): string {
  const at_ms = parseTime(at);
  return `${at_ms === null ? '' : `on ${dateTimeWords(at_ms)}`}${by ? `, by ${spelled(by)}` : ''}`;
}
