import { describe, expect, test } from '@jest/globals';
import { DEFAULT_GRID_POINTS, grid } from '../../src/lab/grid.ts';
import { LabPoint } from '../../src/lab/protocol.ts';

function limitOf({ backlog, somaxconn }: LabPoint): number {
  return backlog < 0 ? somaxconn : Math.min(backlog, somaxconn);
}

function values<T>(points: readonly LabPoint[], of: (point: LabPoint) => T): ReadonlySet<T> {
  return new Set(points.map(of));
}

describe.each([60, DEFAULT_GRID_POINTS, 1000])('a grid of %i points', (size) => {
  const points = grid(size);

  test('has as many, each once, and each as the bench takes it', () => {
    expect(points).toHaveLength(size);
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(size);
    for (const point of points) expect(LabPoint.parse(point)).toEqual(point);
  });

  test('is the same every time', () => {
    expect(grid(size)).toEqual(points);
  });

  test('meets each setting, and few limits that take long', () => {
    expect([...values(points, ({ syncookies }) => syncookies)].sort()).toEqual([0, 1, 2]);
    expect([...values(points, ({ abortOnOverflow }) => abortOnOverflow)].sort()).toEqual([0, 1]);
    expect([...values(points, ({ load }) => load.kind)].sort()).toEqual(['handshake', 'syn']);
    expect(values(points, ({ load }) => load.prefilled > 0).size).toBe(2);
    const limits = points.map(limitOf);
    expect(limits).toContain(0);
    expect(limits.filter((limit) => limit > 512).length).toBeGreaterThan(0);
    expect(limits.filter((limit) => limit > 512).length).toBeLessThanOrEqual(10);
    const bounds = points.map(({ maxSynBacklog }) => maxSynBacklog);
    expect([Math.min(...bounds), Math.max(...bounds)]).toEqual([1, 16_384]);
  });

  test('sends more than fits, so that what happens then is seen', () => {
    for (const point of points) {
      expect(point.load.connections).toBeGreaterThan(limitOf(point) + 1);
      expect(point.backlog).not.toBe(0);
    }
  });
});

test('the default reaches from 0 to 4096, with backlog and somaxconn deciding in turn', () => {
  const points = grid(DEFAULT_GRID_POINTS);
  const limits = points.map(limitOf);
  expect([Math.min(...limits), Math.max(...limits)]).toEqual([0, 4096]);
  const decided = points.map(({ backlog, somaxconn }) =>
    backlog < 0 ? 'all' : backlog > somaxconn ? 'somaxconn' : 'backlog',
  );
  expect(new Set(decided)).toEqual(new Set(['all', 'somaxconn', 'backlog']));
});
