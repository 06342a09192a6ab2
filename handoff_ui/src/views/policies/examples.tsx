import type { JSX } from 'preact';
import type { Example } from '../../api/policy-types';
import { Seen } from '../../parts/quote';
import { caseAddress } from '../../route';

const MOST_EXAMPLES = 5;

/** Five cases to open: first those that would have passed though a person found them wrong. */
export function Examples({ examples }: { examples: Example[] }): JSX.Element | null {
  if (examples.length === 0) return null;
  const worstFirst = [...examples].sort(
    (a, b) => Number(b.kind === 'wrongly_approved') - Number(a.kind === 'wrongly_approved'),
  );
  return (
    <div class="examples">
      <h3>To look at</h3>
      <ul class="lines">
        {worstFirst.slice(0, MOST_EXAMPLES).map((example) => (
          <li key={`${example.kind} ${example.id}`} class="example" data-kind={example.kind}>
            <ExampleName example={example} />
            <p class="example__words">
              <Seen text={example.words} />
            </p>
          </li>
        ))}
      </ul>
    </div>
  );
}

function ExampleName({ example }: { example: Example }): JSX.Element {
  const name = example.title ?? example.item_id ?? 'An item';
  const id = /ho_[0-9a-z]{28}/.exec(`${example.id} ${example.review_url ?? ''}`)?.[0];
  if (id === undefined) {
    return (
      <b>
        <Seen text={name} />
      </b>
    );
  }
  // In a tab of its own: what is typed and not saved stays here.
  return (
    <a href={caseAddress(id)} target="_blank" rel="noopener">
      <Seen text={name} />
      <span class="unseen"> (opens in another tab)</span>
    </a>
  );
}
