/** Put in by the bundler from package.json. */
declare const BACKLOGCTL_VERSION: string;

export const VERSION: string = BACKLOGCTL_VERSION;
