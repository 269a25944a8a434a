import { abortOnOverflow } from './accept-queue/abort-on-overflow.ts';
import { boundByBacklog } from './accept-queue/bound-by-backlog.ts';
import { boundBySomaxconn } from './accept-queue/bound-by-somaxconn.ts';
import { overflowedSinceBoot } from './accept-queue/overflowed-since-boot.ts';
import { overflowing } from './accept-queue/overflowing.ts';
import { staleListener } from './accept-queue/stale-listener.ts';
import { adviceRule } from './advice/advice-rule.ts';
import { keyNotThere } from './advice/key-not-there.ts';
import { listenerBacklogHuge } from './advice/listener-backlog-huge.ts';
import { ADVICE_ROWS } from './advice/rows.ts';
import { somaxconnComment } from './advice/somaxconn-comment.ts';
import { tcpMemInBytes } from './memory/tcp-mem-in-bytes.ts';
import type { AnyRule } from './rule.ts';
import { cookiesOff } from './syn-queue/cookies-off.ts';
import { maxSynBacklogWithoutEffect } from './syn-queue/max-syn-backlog-without-effect.ts';
import { beatenByVendor } from './sysctl/beaten-by-vendor.ts';
import { belowKernelDefault } from './sysctl/below-kernel-default.ts';
import { liveDiffersFromBoot } from './sysctl/live-differs-from-boot.ts';
import { loaderMasked } from './sysctl/loader-masked.ts';
import { rewrittenLater } from './sysctl/rewritten-later.ts';
import { setBeforeModule } from './sysctl/set-before-module.ts';
import { staleInitramfs } from './sysctl/stale-initramfs.ts';
import { valueRefused } from './sysctl/value-refused.ts';
import { vectorMalformed } from './sysctl/vector-malformed.ts';
import { copyRead } from './sysctl-file/copy-read.ts';
import { interfaceWithDots } from './sysctl-file/interface-with-dots.ts';
import { lineMisread } from './sysctl-file/line-misread.ts';
import { fileNotRead } from './sysctl-file/not-read.ts';

/** Advice that circulates, as it shows in files, live values and listeners; most of it is one table. */
const ADVICE: readonly AnyRule[] = [
  ...ADVICE_ROWS.map(adviceRule),
  keyNotThere,
  listenerBacklogHuge,
  somaxconnComment,
].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Every rule, by area and name: the order in which findings of one severity are listed. */
export const RULES: readonly AnyRule[] = [
  abortOnOverflow,
  boundByBacklog,
  boundBySomaxconn,
  overflowedSinceBoot,
  overflowing,
  staleListener,
  ...ADVICE,
  tcpMemInBytes,
  cookiesOff,
  maxSynBacklogWithoutEffect,
  copyRead,
  interfaceWithDots,
  lineMisread,
  fileNotRead,
  beatenByVendor,
  belowKernelDefault,
  liveDiffersFromBoot,
  loaderMasked,
  rewrittenLater,
  setBeforeModule,
  staleInitramfs,
  valueRefused,
  vectorMalformed,
];

export function findRule(id: string): AnyRule | undefined {
  return RULES.find((rule) => rule.id === id);
}
