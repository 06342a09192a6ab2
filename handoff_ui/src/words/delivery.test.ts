import { describe, expect, it } from 'vitest';
import { decidedBy, live, ME } from '../../tests/live';
import { deliveryWords } from './delivery';

describe('whether the workflow has the answer', () => {
  it('sounds an alarm only where the answer does not reach the workflow', () => {
    const delivery = { id: 'dl', cause: 'execution_gone', attempts: 1, last_attempt_at: null };
    for (const status of ['pending', 'retrying', 'delivered', 'uncertain', 'superseded'] as const) {
      expect(deliveryWords(live({ delivery: { ...delivery, status } }), 0).tone).toBe('calm');
    }
    expect(deliveryWords(live({ delivery: { ...delivery, status: 'failed' } }), 0)).toMatchObject({
      tone: 'alarm',
      text: expect.stringContaining('Execution gone.') as string,
    });
  });
  it('speaks of no workflow where Handoff itself asked', () => {
    const own = live({ subject: 'ho_0', ...decidedBy(ME, 'approve', null) });
    expect(deliveryWords(own, 0).text).not.toMatch(/The workflow|the workflow/);
  });
});
