import { copyRead } from '../../../src/rules/sysctl-file/copy-read.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';

const WEB = '/etc/sysctl.d/90-web.conf';
const COPY = '/etc/sysctl.d/90-web.old.conf';
const KEY = 'net.ipv4.tcp_keepalive_time';

function decides(file: string) {
  return {
    messageId: 'decides',
    severity: 'low',
    confidence: 'inferred',
    subjects: [file],
    args: { file, original: WEB, keys: KEY },
    remedies: ['investigate'],
  } as const;
}

testRule(copyRead, {
  pass: [
    {
      name: 'a copy without .conf at its end',
      host: hostOf({ files: { [WEB]: `${KEY} = 600\n`, '/etc/sysctl.d/90-web.conf.old': `${KEY} = 900\n` } }),
    },
    {
      name: 'a name that merely sounds like a copy',
      host: hostOf({
        files: { [WEB]: `${KEY} = 600\n`, '/etc/sysctl.d/90-power-save-more.conf': `${KEY} = 900\n` },
      }),
    },
    {
      name: 'a drift, which sysctl/live-differs-from-boot says with the line',
      host: hostOf({ sysctls: { [KEY]: 600 }, files: { [WEB]: `${KEY} = 600\n`, [COPY]: `${KEY} = 900\n` } }),
    },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({ environment: 'container', files: { [WEB]: '', [COPY]: `${KEY} = 900\n` } }),
    },
  ],
  fail: [
    {
      name: 'that decides what has long been in force',
      host: hostOf({ sysctls: { [KEY]: 900 }, files: { [WEB]: `${KEY} = 600\n`, [COPY]: `${KEY} = 900\n` } }),
      findings: [decides(COPY)],
    },
    {
      name: 'with a date',
      host: hostOf({
        files: { [WEB]: `${KEY} = 600\n`, '/etc/sysctl.d/90-web.conf.bak-20240131.conf': `${KEY} = 900\n` },
      }),
      findings: [decides('/etc/sysctl.d/90-web.conf.bak-20240131.conf')],
    },
    {
      name: 'that says the same',
      host: hostOf({ sysctls: { [KEY]: 600 }, files: { [WEB]: `${KEY} = 600\n`, [COPY]: `${KEY} = 600\n` } }),
      findings: [
        {
          messageId: 'harmless',
          severity: 'info',
          confidence: 'inferred',
          subjects: [COPY],
          args: { file: COPY, original: WEB },
          remedies: [],
        },
      ],
    },
  ],
});
