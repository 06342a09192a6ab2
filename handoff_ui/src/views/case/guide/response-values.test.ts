import { describe, expect, it } from 'vitest';
import type { ResponseForm } from '../../../api/types';
import { changedFields, fieldFault, filledFields, startOf, valuesOf } from './response-values';

describe('R-UI-22: the form', () => {
  const form: ResponseForm = {
    required: ['kind'],
    properties: {
      kind: { type: 'string', enum: ['a', 'b'], default: 'a' },
      amount: { type: 'number', maximum: 100, default: 40 },
      pieces: { type: 'integer' },
      sure: { type: 'boolean', default: false },
    },
  };
  it('starts from what was filled in, and gives values of the right type back', () => {
    expect(valuesOf(form, startOf(form))).toEqual({ value: { kind: 'a', amount: 40, sure: false }, faults: [] });
    const typed = { ...startOf(form), amount: '35.5', pieces: '2', sure: 'true' };
    expect(valuesOf(form, typed).value).toEqual({ kind: 'a', amount: 35.5, pieces: 2, sure: true });
    expect(changedFields(form, typed)).toEqual(['Amount', 'Sure']);
  });
  it('tells what was filled into fields that came empty from what was corrected', () => {
    expect(filledFields(form, startOf(form))).toBe(0);
    expect(filledFields(form, { ...startOf(form), kind: 'b', pieces: '2' })).toBe(1);
  });
  it('names what is missing or cannot be', () => {
    const typed = { ...startOf(form), kind: '', amount: '101', pieces: '1.5' };
    expect(valuesOf(form, typed)).toEqual({
      value: { sure: false },
      faults: ['Fill in first: Kind.', 'Mend first: Amount (at most 100), Pieces (a whole number).'],
    });
    expect(fieldFault({ type: 'number' }, false, '4,5')).toMatch(/without commas/);
    expect(fieldFault({ type: 'string', maxLength: 3 }, false, 'four')).toMatch(/At most 3/);
  });
});
