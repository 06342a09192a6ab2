import { describe, expect, it } from 'vitest';
import { factsOf, MOST_ITEMS, parseCsv, readItems } from './items-file';

describe('items to try rules on, from a file', () => {
  it('CSV: numbers are numbers, marks a list, an empty cell is nothing', () => {
    const text =
      'item_id,confidence,risk_score,flags,action_reversible\r\na,0.61,,pii;pricing,yes\r\n"b, ""2""",0.9,0.2,,no\r\n';
    expect(readItems('x.csv', text)).toEqual({
      items: [
        { item_id: 'a', confidence: 0.61, flags: ['pii', 'pricing'], action_reversible: true },
        { item_id: 'b, "2"', confidence: 0.9, risk_score: 0.2, flags: [], action_reversible: false },
      ],
    });
  });
  it('semicolons, as spreadsheets of half of Europe write them, and a byte order mark', () => {
    expect(readItems('x.csv', '\uFEFFconfidence;title\n0.5;A\n')).toEqual({ items: [{ confidence: 0.5, title: 'A' }] });
  });
  it('one JSON object a line, empty lines left out', () => {
    expect(readItems('x.jsonl', '{"confidence":0.5}\n\n{"confidence":1}')).toEqual({
      items: [{ confidence: 0.5 }, { confidence: 1 }],
    });
  });
  it.each([
    ['x.csv', '', 'The file is empty.'],
    ['x.csv', 'a,b\n1,2', 'The first line must name the columns, among them confidence, risk_score or flags.'],
    ['x.csv', 'confidence\nhigh', 'Row 2: “high” cannot be a confidence.'],
    ['x.csv', 'confidence,flags\n0.5', 'Row 2 has 1 column, the first line has 2.'],
    ['x.csv', 'confidence\n', 'The file has a head line and no items.'],
    ['x.jsonl', '{"a":1}\n[1]', 'Line 2 is not one JSON object.'],
    ['x.jsonl', '{"a":', 'Line 1 is not one JSON object.'],
  ])('%s %j is refused: %s', (name, text, fault) => expect(readItems(name, text)).toEqual({ fault }));
  it('more than can be tried at once are refused, with their number', () => {
    expect(readItems('x.csv', `confidence\n${'0.5\n'.repeat(MOST_ITEMS + 1)}`)).toEqual({
      fault: 'The file has 5,001 items; at most 5,000 can be tried at once.',
    });
  });
  it('what happened to a case stands beside it, and dots lead into its parts', () => {
    const read = readItems('x.csv', 'confidence,request.amount,outcome\n0.5,40,rejected\n') as { items: never };
    expect(factsOf(read.items, 'w')).toEqual([
      {
        item: { workflow_id: 'w', request: { amount: 40 }, model_output: {}, confidence: 0.5 },
        outcome: 'rejected',
      },
    ]);
    expect(factsOf([{ item: { confidence: 1 }, outcome: 'approved' }], 'w')).toEqual([
      { item: { workflow_id: 'w', request: {}, model_output: {}, confidence: 1 }, outcome: 'approved' },
    ]);
  });
  it('a line break within quotes does not end the row', () =>
    expect(parseCsv('a,b\n"1\n2",3')).toEqual([
      ['a', 'b'],
      ['1\n2', '3'],
    ]));
});
