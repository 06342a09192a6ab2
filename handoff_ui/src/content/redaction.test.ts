import { describe, expect, it } from 'vitest';
import { redactionAt } from './redaction';

describe('R-UI-23: what is hidden', () => {
  it('is found by its path, with what lies inside of it, and `*` for one member', () => {
    const redacted = [
      { path: '/request/customer/name', label: 'Name' },
      { path: '/request/lines/*/price', label: 'Price' },
    ];
    expect(redactionAt(redacted, '/request/customer/name')).toBe('Name');
    expect(redactionAt(redacted, '/request/customer/name/first')).toBe('Name');
    expect(redactionAt(redacted, '/request/customer')).toBeNull();
    expect(redactionAt(redacted, '/request/lines/3/price')).toBe('Price');
    expect(redactionAt(redacted, '/request/lines/3/4/price')).toBeNull();
  });
});
