import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Button } from '../parts/button';
import type { PolicyPage } from '../route';
import { Message } from './message';

type Loaded = typeof import('./policies/policies');

/** Fetches the view of the policies only for those who open it, so that the approver's page stays small (R-UI-02). */
export function Policies(props: { workflowId: string | null; page: PolicyPage }): JSX.Element {
  const [loaded, setLoaded] = useState<Loaded | 'failed' | null>(null);
  useEffect(() => {
    import('./policies/policies').then(setLoaded, () => setLoaded('failed'));
  }, []);
  if (loaded === 'failed') {
    return (
      <Message title="This part of the page cannot be had right now.">
        <p>You are offline, or Handoff was updated since this page was loaded. Nothing is lost.</p>
        <p>
          <Button look="main" onPress={() => window.location.reload()}>
            Load the page again
          </Button>
        </p>
      </Message>
    );
  }
  if (loaded === null) {
    return (
      <p class="loading" role="status">
        One moment…
      </p>
    );
  }
  return <loaded.PoliciesView {...props} />;
}
