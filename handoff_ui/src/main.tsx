import { render } from 'preact';
import { createClient, findConfig } from './api/client';
import { now_ms } from './api/clock';
import { Page } from './app';
import { watchDisturbances } from './hooks/armed';
import './styles/index.css';
import { keySource } from './trust/keys';

const page = document.getElementById('page') as HTMLElement;
watchDisturbances(page);

/**
 * Not awaited at the top of this module: what is loaded later stands on code of this file, would wait for it to end, and
 * this file for what is loaded.
 */
async function start(): Promise<void> {
  const config = await findConfig(new URL(document.baseURI));
  const client = createClient(config.base);
  if (client.isElsewhere) await (await import('./trust/elsewhere')).arrive(client, config);
  const findKey = keySource(async () => {
    const answer = await client.send<unknown>('/.well-known/jwks.json');
    if (answer.kind !== 'ok') throw new Error('The keys cannot be had right now.');
    return answer.data;
  }, now_ms);

  // What index.html shows until here is for the eye only.
  page.replaceChildren();
  render(<Page client={client} findKey={findKey} config={config} />, page);
}

void start();
