import type { JSX } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { CaseFilesContext, useApp } from '../../context';
import { plainText } from '../../content/reading';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { caseAddress } from '../../route';
import { BlockedView } from '../blocked';
import { Banners } from './banners';
import { ContentPane } from './content-pane';
import { isOpen } from './outcome-words';
import { DecisionPane } from './decision-pane';
import { Head } from './head';
import { useAct, type Acting } from './use-act';
import { useCase, type Case, type Ready } from './use-case';
import { useDraft } from './use-draft';
import { useItem } from './use-large-values';
import { waitingCases } from './use-next';
import { WhyPane } from './why-pane';

/** One case: shown only once its package was verified. */
export function CaseView({ id }: { id: string }): JSX.Element {
  const opened = useCase(id);
  const { state } = opened;
  const acting = useAct(state.phase === 'ready' ? state : null, opened);
  if (state.phase === 'loading') {
    return (
      <p class="loading" role="status">
        Checking the signature…
      </p>
    );
  }
  if (state.phase === 'blocked') return <BlockedView why={state.why} />;
  // Another version is another thing to decide: nothing typed or acknowledged for the one before goes over to it.
  return <OpenCase key={state.verified.packageDigest} ready={state} opened={opened} acting={acting} />;
}

function OpenCase({ ready, opened, acting }: { ready: Ready; opened: Case; acting: Acting }): JSX.Element {
  const { client, session } = useApp();
  const { live, verified } = ready;
  const content = verified.package;
  const item = useItem(content);
  const draft = useDraft(item.model_output);
  const files = useMemo(() => ({ handoffId: content.handoff_id, attachments: content.attachments }), [content]);
  const view = useRef<HTMLDivElement>(null);
  useKeptFocus(view);
  const me = session?.reviewer.id ?? null;
  const alone = session === null || session.assurance === 'link';

  useEffect(() => {
    document.title = `${plainText(content.metadata.question)} – Handoff`;
  }, [content]);
  const step = async (by: 1 | -1): Promise<void> => {
    const found = await waitingCases(client);
    const at = found?.items.findIndex(({ id }) => id === live.id) ?? -1;
    const to = found?.items[at < 0 ? 0 : at + by];
    if (to !== undefined) window.location.hash = caseAddress(to.id);
  };
  const keys = alone || draft.isOpen ? {} : { j: () => void step(1), k: () => void step(-1) };
  useShortcuts(keys);

  const editedBy =
    live.decision?.edited === true && live.approved === true ? (live.decided_by?.name ?? 'a person') : null;
  return (
    <CaseFilesContext.Provider value={files}>
      <div class="case" ref={view} data-editing={draft.isOpen} data-settled={!isOpen(live)}>
        <Head live={live} content={content} alone={alone} />
        <Banners ready={ready} opened={opened} acting={acting} me={me} />
        <div class="panes">
          <ContentPane content={content} item={item} draft={draft} editedBy={editedBy} />
          <WhyPane live={live} content={content} />
          <DecisionPane ready={ready} item={item} draft={draft} acting={acting} />
        </div>
      </div>
    </CaseFilesContext.Provider>
  );
}
