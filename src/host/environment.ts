/** Nothing of the caller's environment reaches a program that we run, nor its language. */
export const CLEAN_ENVIRONMENT = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** For execa: how we run a program. How it ended is a value, and nothing is thrown. */
export const CLEAN_RUN = { cwd: '/', env: CLEAN_ENVIRONMENT, extendEnv: false, reject: false } as const;
