/** `name` of a profile: it becomes a file name, and stands on command lines. */
export const PROFILE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
