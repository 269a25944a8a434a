import { expect, test } from '@jest/globals';
import { assess } from '../../../src/assess/assess.ts';
import { boundBySomaxconn } from '../../../src/rules/accept-queue/bound-by-somaxconn.ts';
import { runRules } from '../../../src/rules/engine.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const SOMAXCONN = 'net.core.somaxconn';
const small = { [SOMAXCONN]: 128 };
const gunicorn = { server: 'gunicorn', process: 'gunicorn', port: 8000, requested: 8192, limit: 128 };
const systemd = { server: 'systemd-socket', process: 'systemd', port: 22, requested: 2147483647, limit: 128 };
const uwsgi = { name: 'uwsgi', server: 'uwsgi', backlog: { ok: true, value: 1024, from: 'config' } } as const;

testRule(boundBySomaxconn, {
  pass: [
    { name: 'no listener', host: hostOf({ sysctls: small }) },
    {
      name: 'the request is granted',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [{ ...gunicorn, limit: 8192 }] }),
    },
    {
      name: 'stale, which is another rule',
      host: hostOf({ sysctls: { [SOMAXCONN]: 4096 }, listeners: [gunicorn] }),
    },
    { name: 'a service that fits', host: hostOf({ sysctls: { [SOMAXCONN]: 1024 }, services: [uwsgi] }) },
    {
      name: 'a service that was stopped',
      host: hostOf({ sysctls: small, services: [{ ...uwsgi, state: 'inactive' }] }),
    },
    {
      name: 'a service that leaves it to somaxconn',
      host: hostOf({ sysctls: small, services: [{ ...uwsgi, backlog: { ok: true, value: 2147483647 } }] }),
    },
    {
      name: 'a service that listens',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 1000 },
        services: [uwsgi],
        listeners: [{ server: 'uwsgi', process: 'uwsgi', requested: 900, limit: 900 }],
      }),
    },
  ],
  unknown: [
    {
      name: 'nobody could read the limits',
      host: hostOf({ sysctls: small, listeners: [{ process: 'app' }, { process: 'web', port: 81 }] }),
      why: 'the limits of 2 listeners are not known',
    },
  ],
  fail: [
    {
      name: 'a file behind the drop-in would take the remedy back at boot',
      host: hostOf({
        sysctls: small,
        listeners: [gunicorn],
        files: { '/etc/sysctl.d/99-local.conf': `${SOMAXCONN} = 4096\n` },
      }),
      findings: [
        {
          messageId: 'clamped',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8000'],
          args: { limit: 128, low: 8192, high: 8192 },
          remedies: [
            `require ${SOMAXCONN} at-least 8192`,
            'delete-line /etc/sysctl.d/99-local.conf:1 persistence',
            'relisten gunicorn',
          ],
        },
      ],
    },
    {
      name: 'one cause for servers of several kinds, folded to the largest request',
      host: hostOf({
        sysctls: small,
        increases: { ListenOverflows: 0 },
        listeners: [gunicorn, { server: 'nginx', process: 'nginx', requested: 511, limit: 128 }],
      }),
      findings: [
        {
          messageId: 'clamped',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:80', 'tcp:0.0.0.0:8000'],
          args: { limit: 128, low: 511, high: 8192 },
          remedies: [`require ${SOMAXCONN} at-least 8192`, 'relisten nginx', 'relisten gunicorn'],
        },
      ],
    },
    {
      name: 'clamped and full',
      host: hostOf({
        sysctls: small,
        increases: { ListenOverflows: 410 },
        listeners: [{ ...gunicorn, length: 129 }],
      }),
      findings: [
        {
          messageId: 'clamped',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:8000'],
          args: { limit: 128, low: 8192, high: 8192 },
          remedies: [`require ${SOMAXCONN} at-least 8192`, 'relisten gunicorn'],
        },
      ],
    },
    {
      name: 'a unix socket in a container: only its definition can change somaxconn',
      host: hostOf({
        environment: 'container',
        sysctls: small,
        listeners: [
          { path: '/run/php-fpm.sock', process: 'php-fpm', requested: 511, limit: 128, length: 129 },
        ],
      }),
      findings: [
        {
          messageId: 'clamped',
          severity: 'high',
          confidence: 'inferred',
          subjects: ['unix:/run/php-fpm.sock'],
          args: { limit: 128, low: 511, high: 511 },
          remedies: [`set-in-container ${SOMAXCONN} at-least 4096`, 'relisten php-fpm'],
        },
      ],
    },
    {
      name: 'clamped, and full at a length that hides a server that does not accept: both are said',
      host: hostOf({
        sysctls: { [SOMAXCONN]: 4096 },
        listeners: [{ process: 'slow', port: 9000, requested: 50000, limit: 4096, length: 4097 }],
      }),
      findings: [
        {
          messageId: 'clamped',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:9000'],
          args: { limit: 4096, low: 50000, high: 50000 },
          remedies: [`require ${SOMAXCONN} at-least 50000`, 'relisten slow', 'investigate'],
        },
      ],
    },
    {
      name: 'a program that follows somaxconn was cut by nobody',
      host: hostOf({ sysctls: small, listeners: [systemd] }),
      findings: [
        {
          messageId: 'follows',
          severity: 'info',
          confidence: 'inferred',
          subjects: ['tcp:0.0.0.0:22'],
          args: { limit: 128 },
          remedies: [],
        },
      ],
    },
    {
      name: 'a program that follows somaxconn and overflows',
      host: hostOf({ sysctls: small, listeners: [{ ...systemd, length: 129 }] }),
      findings: [
        {
          messageId: 'followsAndOverflows',
          severity: 'high',
          confidence: 'measured',
          subjects: ['tcp:0.0.0.0:22'],
          args: { limit: 128 },
          remedies: [`require ${SOMAXCONN} at-least 4096`, 'relisten systemd-socket'],
        },
      ],
    },
    {
      name: 'a server that refuses to start',
      host: hostOf({ sysctls: small, services: [{ ...uwsgi, state: 'failed' }] }),
      findings: [
        {
          messageId: 'notListening',
          severity: 'medium',
          confidence: 'inferred',
          subjects: ['service:uwsgi'],
          args: { service: 'uwsgi', backlog: 1024, somaxconn: 128 },
          remedies: [`require ${SOMAXCONN} at-least 4096`, 'relisten uwsgi'],
        },
      ],
    },
  ],
});

test.each([
  ['uwsgi.service', 'systemctl start uwsgi.service'],
  ['a\\x2db.service', "systemctl start 'a\\x2db.service'"],
  ['uwsgi', null],
  ['--force.service', null],
  ['a;b.service', null],
])('%s is started by %s', (name, command) => {
  const host = hostOf({ sysctls: small, services: [{ ...uwsgi, name, state: 'failed' }] });
  const { findings } = runRules(assess(host), {
    rules: [boundBySomaxconn],
    waivers: [],
    today: '2026-11-20',
  });
  expect(findings.flatMap(({ remedies }) => remedies)).toContainEqual(
    expect.objectContaining({ kind: 'relisten', command }),
  );
});
