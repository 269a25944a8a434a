import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type LogRecord, parseLog, renderRecord, stateOf } from '../../src/apply/records.ts';

const record: fc.Arbitrary<LogRecord> = fc.oneof(
  fc.record({ kind: fc.constant('started' as const), step: fc.string() }),
  fc.record({ kind: fc.constant('committed' as const), at: fc.string() }),
  fc.record({ kind: fc.constant('undoing' as const), at: fc.string(), why: fc.string() }),
  fc.record({ kind: fc.constant('rolling-back' as const), at: fc.string(), force: fc.boolean() }),
);
const records = fc.array(record, { maxLength: 8 });

describe('a log', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(records, (written) => {
        const text = written.map(renderRecord).join('');
        expect(parseLog(text)).toEqual({ ok: true, records: written, torn: false });
        for (const line of text.split('\n').slice(0, -1)) expect(() => JSON.parse(line)).not.toThrow();
      }),
    );
  });

  test('cut off anywhere, it says what stood on the disk as a whole, and nothing else', () => {
    fc.assert(
      fc.property(records, fc.nat(), (written, cut) => {
        const text = written.map(renderRecord).join('');
        const kept = text.slice(0, cut % (text.length + 1));
        const parsed = parseLog(kept);
        const whole = kept.split('\n').length - 1;
        expect(parsed).toMatchObject({ ok: true, records: written.slice(0, whole) });
        expect(parsed.ok && parsed.torn).toBe(!kept.endsWith('\n') && kept !== '');
      }),
    );
  });

  test('of a later version is not half understood', () => {
    const later = renderRecord({ kind: 'merged', at: 'x' } as unknown as LogRecord);
    expect(parseLog(later)).toEqual({
      ok: false,
      line: 1,
      why: "a record of a later version: 'merged'",
      later: true,
    });
  });

  test('a byte changed in any line but the last is noticed', () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 2, maxLength: 5 }), fc.nat(), (written, place) => {
        const [first = '', ...others] = written.map(renderRecord);
        const at = place % (first.length - 1);
        const damaged = `${first.slice(0, at)}${first[at] === 'x' ? 'y' : 'x'}${first.slice(at + 1)}`;
        expect(parseLog(damaged + others.join(''))).toMatchObject({ ok: false, line: 1 });
      }),
    );
  });
});

test('the state is what the last record says that is about the whole', () => {
  expect(stateOf([])).toEqual({ kind: 'begun' });
  expect(stateOf([{ kind: 'started', step: 'a' }])).toEqual({ kind: 'begun' });
  const committed = { kind: 'committed', at: 'x' } as const;
  expect(stateOf([{ kind: 'started', step: 'a' }, committed])).toEqual(committed);
  expect(stateOf([committed, { kind: 'rolling-back', at: 'y', force: false }])).toMatchObject({
    kind: 'rolling-back',
  });
});
