import type { JSX } from 'preact';
import type { Account } from '../../api/identity-types';
import { now_ms } from '../../api/clock';
import { Seen } from '../../parts/quote';
import { Section } from './section';
import { levelWords, qualificationWords, roleWords, scopeWords } from './words';

/** Who one is here, and what one may do. */
export function About({ account }: { account: Account }): JSX.Element {
  const { reviewer } = account;
  const qualifications = qualificationWords(reviewer, now_ms());
  return (
    <Section title="Who you are">
      <dl class="account__who">
        <dt>Name</dt>
        <dd>
          <Seen text={reviewer.name} />
          {reviewer.email !== null && <span class="account__facts"> {reviewer.email}</span>}
        </dd>
        <dt>Roles</dt>
        <dd>
          <ul>
            {reviewer.roles.map(roleWords).map(({ name, does }) => (
              <li key={name}>
                <b>{name}</b>
                {does !== '' && `: ${does}`}
              </li>
            ))}
          </ul>
        </dd>
        <dt>Workflows</dt>
        <dd>{scopeWords(reviewer.workflows, 'All workflows')}</dd>
        <dt>Queues</dt>
        <dd>{scopeWords(reviewer.queues, 'All queues')}</dd>
        <dt>Levels</dt>
        <dd>{levelWords(reviewer.levels)}</dd>
        <dt>Qualifications</dt>
        <dd>
          {qualifications.length === 0 ? (
            'None'
          ) : (
            <ul>
              {qualifications.map((words) => (
                <li key={words}>{words}</li>
              ))}
            </ul>
          )}
        </dd>
      </dl>
      <p class="account__about">Is something wrong here? Whoever runs Handoff can change it.</p>
    </Section>
  );
}
