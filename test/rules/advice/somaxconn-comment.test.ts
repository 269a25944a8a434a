import { somaxconnComment } from '../../../src/rules/advice/somaxconn-comment.ts';
import { testRule } from '../../tools/rule-tester.ts';
import { hostOf } from '../host.ts';
import { FILE, SOMAXCONN, tuned } from './rows.ts';

const SET = 'net.core.somaxconn = 4096';

function wrong(...lines: readonly number[]) {
  return {
    messageId: 'wrong',
    severity: 'info',
    confidence: 'inferred',
    subjects: lines.map((line) => `${FILE}:${line}`),
    args: {},
    remedies: [],
  } as const;
}

testRule(somaxconnComment, {
  pass: [
    { name: 'no comment', host: hostOf(tuned(SET)) },
    {
      name: 'a right one',
      host: hostOf(tuned(`# maximum number of connections that wait in the queue\n${SET}`)),
    },
    { name: 'of another line', host: hostOf(tuned(`# maximum number of connections\n\n${SET}`)) },
    {
      name: 'in a file that is not read',
      host: hostOf({ sysctls: SOMAXCONN, files: { '/etc/sysctl.conf': `${SET} # max connections\n` } }),
    },
  ],
  notApplicable: [
    {
      name: 'a container',
      host: hostOf({ environment: 'container', files: { [FILE]: `${SET} # max connections\n` } }),
    },
  ],
  fail: [
    { name: 'behind the value', host: hostOf(tuned(`${SET} # max connections`)), findings: [wrong(1)] },
    {
      name: 'above it, and once more',
      host: hostOf(
        tuned(
          `# The maximum number of\n# connections.\n${SET}\nnet/core/somaxconn=8192 ; maximum connections`,
        ),
      ),
      findings: [wrong(3, 4)],
    },
  ],
});
