import { describe, expect, it } from '@jest/globals';
import { audit } from '../../src/pipeline/audit.ts';
import { explain } from '../../src/pipeline/explain.ts';
import { explainDocument } from '../../src/report/explain-json.ts';
import { renderExplanationText } from '../../src/report/text/explain-text.ts';
import type { OtherWriter } from '../../src/snapshot/other-writer.ts';
import { hostOf } from '../rules/host.ts';
import { schemaFaults } from '../tools/published-schema.ts';
import { hostWith, tcp } from './snapshots.ts';

const REPORT = audit({ snapshot: hostWith([]), waivers: [], loader: null });

const RETRIES = 'net.ipv4.tcp_retries2';

function fieldsOf(key: string, report = REPORT): ReadonlyMap<string, string> {
  const text = renderExplanationText(explain(key, report), report, () => '', {
    columns: 400,
    color: false,
    verbosity: 'normal',
    sourceOptions: '',
    undo: 'backlogctl rollback',
  });
  return new Map(
    text.split('\n').flatMap((line) => {
      const [label = '', body] = line.split(/ {2,}/);
      return body === undefined ? [] : [[label, body]];
    }),
  );
}

it('what is typed for a listener is one line, however long', () => {
  const unit = `${'app-'.repeat(20)}web.service`;
  const report = audit({
    snapshot: hostWith([tcp(80, { limit: 128, unit })]),
    waivers: [],
    loader: null,
  });
  const text = renderExplanationText(explain('tcp:0.0.0.0:80', report), report, () => '', {
    columns: 80,
    color: false,
    verbosity: 'normal',
    sourceOptions: '',
    undo: 'backlogctl rollback',
  });
  expect(text).toMatch(new RegExp(`\nNew limit takes +[a-z ]+: systemctl restart ${unit}\n`));
});

describe('explain of a key says', () => {
  it.each([
    ['net.ipv4.ip_forward', 'Also set by', /^Docker, /],
    ['net.netfilter.nf_conntrack_max', 'Module', /^nf_conntrack; without it the key is absent$/],
    ['net.ipv4.tcp_syncookies', 'Sound values', /^0, 1, 2$/],
    ['net.core.somaxconn', 'Sound values', /^0 to 2147483647$/],
    ['vm.swappiness', 'Scope', /^one for the host, whatever the network namespace$/],
    ['net.ipv4.ip_local_reserved_ports', 'Sound values', /^1 to 65535$/],
  ])('%s: %s', (key, label, body) => {
    expect(fieldsOf(key).get(label)).toMatch(body);
  });

  it.each([
    [`${RETRIES} = 010\n`, /^8, from \/etc\/sysctl\.d\/10-a\.conf:1, written there as 010$/],
    [`${RETRIES} = "9"\n`, /^no file sets it: the kernel's own default$/],
    [`${RETRIES} = 9\n`, /^9, from \/etc\/sysctl\.d\/10-a\.conf:1$/],
  ])('what the kernel makes of %j', (text, expected) => {
    const host = hostOf({ files: { '/etc/sysctl.d/10-a.conf': text } });
    const report = audit({ snapshot: host, waivers: [], loader: null });
    expect(fieldsOf(RETRIES, report).get('After a boot')).toMatch(expected);
    expect(schemaFaults('explanation', explainDocument(RETRIES, explain(RETRIES, report)))).toEqual([]);
  });

  it('what stands after a boot, and what the files leave before others come', () => {
    const file = { '/etc/sysctl.d/10-a.conf': `${RETRIES} = 9\n` };
    const unit: OtherWriter = {
      by: 'unit',
      key: RETRIES,
      value: '5',
      relation: 'exactly',
      file: '/etc/systemd/system/a.service',
      when: 'after-loader',
      how: 'command',
      sure: true,
    };
    const fields = (otherWriters: readonly OtherWriter[]) =>
      fieldsOf(
        RETRIES,
        audit({ snapshot: hostOf({ files: file, otherWriters }), waivers: [], loader: null }),
      );
    expect(fields([unit]).get('After a boot')).toMatch(/^5: a systemd unit sets it /);
    expect(fields([unit]).get('The files leave')).toBe('9, from /etc/sysctl.d/10-a.conf:1');
    const rival = { ...unit, file: '/etc/systemd/system/b.service', value: '6' };
    expect(fields([unit, rival]).get('After a boot')).toMatch(
      /^not known: a systemd unit set it to different/,
    );
  });

  it('nothing that does not hold', () => {
    const labels = [...fieldsOf('net.core.somaxconn').keys()];
    expect(labels).not.toEqual(expect.arrayContaining([expect.stringMatching(/Module|Also set by/)]));
  });

  it('what a change does, with a dash before each sentence or two', () => {
    const text = renderExplanationText(explain('net.ipv4.ip_forward', REPORT), REPORT, () => '', {
      columns: 400,
      color: false,
      verbosity: 'normal',
      sourceOptions: '',
      undo: 'backlogctl rollback',
    });
    expect(text.split('\n').filter((line) => /^.{16}- /.test(line))).toEqual([
      'A change        - It reaches the network namespace in which it is written, and no other.',
      expect.stringMatching(/^ {16}- A change sets forwarding of every interface, /),
      expect.stringMatching(/^ {16}- The old value does not undo it: interfaces whose own forwarding /),
    ]);
  });

  it('who else sets it on this host', () => {
    const key = 'net.ipv4.ip_forward';
    const ufw = { path: '/etc/ufw/sysctl.conf', kind: 'file' as const, text: 'net/ipv4/ip_forward=1\n' };
    const report = audit({
      snapshot: { ...hostWith([]), sysctlFiles: [ufw], services: [{ name: 'ufw', state: 'active' }] },
      waivers: [],
      loader: null,
    });
    const options = {
      columns: 400,
      color: false,
      verbosity: 'normal',
      sourceOptions: '',
      undo: 'backlogctl rollback',
    } as const;
    const text = renderExplanationText(explain(key, report), report, () => '', options);
    expect(text).toContain(
      `
After a boot      1: ufw sets it after the sysctl files are applied
The files leave   no file sets it
  besides         ufw sets it to 1 after the sysctl files are applied (/etc/ufw/sysctl.conf:1)
`,
    );
    expect(explainDocument(key, explain(key, report)).explanations).toMatchObject([
      { kind: 'key', writers: [{ by: 'ufw', key, value: '1', file: ufw.path, line: 1 }] },
    ]);
  });
});
