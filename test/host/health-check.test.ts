import { expect, test } from '@jest/globals';
import { runHealthCheck } from '../../src/host/health-check.ts';

test('a program gets the name by which it was typed, and is spoken of by it', async () => {
  expect(await runHealthCheck('/bin/sh', ['/opt/healthy', '-c', 'echo "$0"; exit 3'], 20_000)).toBe(
    '/opt/healthy ended with 3: /opt/healthy',
  );
});
