import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { humanise } from '../content/humanise';
import { joinPointer } from '../content/pointer';
import { count } from '../content/reading';
import type { Json } from '../trust/strict-json';
import { Button } from './button';
import { Seen } from './quote';

const FIRST_ROWS = 100;

interface TableProps {
  rows: { [key: string]: Json }[];
  columns: string[];
  pointer: string;
  /** What shows the value of a cell, which may hold a table again. */
  cell: (value: Json | undefined, pointer: string) => JSX.Element;
}

export function Table({ rows, columns, pointer, cell }: TableProps): JSX.Element {
  const [all, setAll] = useState(false);
  const shown = all ? rows : rows.slice(0, FIRST_ROWS);
  return (
    <div class="table" role="region" aria-label="Table" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                <Seen text={humanise(column)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row, at) => (
            <tr key={at}>
              {columns.map((column) => (
                <td key={column} data-number={typeof row[column] === 'number'} data-short={isBrief(row[column])}>
                  {Object.hasOwn(row, column) && cell(row[column], joinPointer(joinPointer(pointer, at), column))}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < rows.length && (
        <Button look="quiet" onPress={() => setAll(true)}>
          Show all {count(rows.length, 'row')}
        </Button>
      )}
    </div>
  );
}

/** A value that reads badly when it breaks, such as an order number. */
function isBrief(value: Json | undefined): boolean {
  const MAX_CHARS = 16;
  return typeof value === 'string' && value.length <= MAX_CHARS;
}
