import type { JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Live } from '../../api/types';
import { CaseFilesContext, useApp } from '../../context';
import { plainText, spelled } from '../../content/reading';
import { useDraftsOf } from '../../hooks/use-kept';
import { useKeptFocus } from '../../hooks/use-kept-focus';
import { useShortcuts } from '../../hooks/use-shortcuts';
import { preloadFiles } from '../../parts/later-files';
import { RedactedContext } from '../../parts/redacted';
import { caseAddress } from '../../route';
import type { ContextPackage } from '../../trust/package';
import { asksOfPause, isOpen } from '../../words/standing';
import { checkedPackage } from '../../trust/fetch-package';
import { BlockedView } from '../blocked';
import { preloadConfirm } from './acts/act-form';
import { Banners } from './banners';
import { ContentPane } from './content/content-pane';
import { DecisionPane } from './decide/decision-pane';
import { preloadGuide } from './guide/guide';
import { Head } from './head';
import { useRoomAbove } from './use-room-above';
import { useAcknowledgement } from './live/use-acknowledgement';
import { useAct, type Acting } from './acts/use-act';
import { useCase, type Case, type Ready } from './live/use-case';
import { useDraft } from './content/use-draft';
import { useItem } from './content/use-large-values';
import { waitingCases } from './outcome/use-next';
import { WhyPane } from './why/why-pane';

/** What only some cases ask for is fetched with them: nothing moves later, and no answer waits for a script. */
function preloadParts(live: Live): Promise<unknown> {
  return Promise.all([preloadGuide(live), preloadConfirm(live)]);
}

/** One case: shown only once its package was verified. */
export function CaseView({ id }: { id: string }): JSX.Element {
  const opened = useCase(id, preloadParts);
  const { state } = opened;
  const acting = useAct(state.phase === 'ready' ? state : null, opened);
  if (state.phase === 'loading') {
    return (
      <p class="loading" role="status">
        Checking that nobody changed the case on its way…
      </p>
    );
  }
  if (state.phase === 'blocked') return <BlockedView why={state.why} />;
  // Another version is another thing to decide: nothing typed or acknowledged for the one before goes over to it.
  return <OpenCase key={state.verified.packageDigest} ready={state} opened={opened} acting={acting} />;
}

const NOTHING_HIDDEN: { path: string; label: string }[] = [];

function OpenCase({ ready, opened, acting }: { ready: Ready; opened: Case; acting: Acting }): JSX.Element {
  const { client, findKey, session } = useApp();
  const { live, verified } = ready;
  const [disclosed, setDisclosed] = useState<ContextPackage | null>(null);
  const me = session?.reviewer.id ?? null;
  // What was disclosed is not written down anywhere, and neither is what was typed beside it.
  const mayKeep = me !== null && disclosed === null;
  const back = useDraftsOf(
    mayKeep ? { reviewerId: me, caseId: live.id, content: `${verified.packageDigest} ${verified.viewDigest}` } : null,
  );
  const content = disclosed ?? verified.package;
  const item = useItem(content);
  const draft = useDraft(item.model_output);
  const files = useMemo(() => ({ handoffId: content.handoff_id, attachments: content.attachments }), [content]);
  const view = useRef<HTMLDivElement>(null);
  useKeptFocus(view);
  useRoomAbove(view);
  const alone = session === null || session.assurance === 'link';

  useAcknowledgement(live);
  const disclose = async (token: string): Promise<void> => {
    const found = await checkedPackage(token, findKey, live.id);
    if (!('package' in found)) return;
    await preloadFiles(found.package);
    setDisclosed(found.package);
  };
  const mayDisclose = disclosed === null && live.duties?.includes('disclose') === true && !alone;

  useLayoutEffect(() => {
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
    live.decision?.edited === true && live.approved === true ? spelled(live.decided_by?.name ?? 'a person') : null;
  return (
    <CaseFilesContext.Provider value={files}>
      <div class="case" ref={view} data-editing={draft.isOpen} data-settled={!isOpen(live)}>
        <Head live={live} content={content} alone={alone} />
        <Banners ready={ready} opened={opened} acting={acting} me={me} back={back} />
        <RedactedContext.Provider value={content.redacted ?? NOTHING_HIDDEN}>
          <div class="panes">
            <ContentPane
              content={content}
              item={item}
              draft={draft}
              disclose={mayDisclose ? disclose : null}
              editedBy={editedBy}
              ofPause={asksOfPause(live)}
            />
            <WhyPane live={live} content={content} />
            <DecisionPane ready={ready} item={item} draft={draft} acting={acting} disclosed={disclosed !== null} />
          </div>
        </RedactedContext.Provider>
      </div>
    </CaseFilesContext.Provider>
  );
}
