/** Somebody, as the companion names them. */
export interface Person {
  id: string;
  name: string | null;
}

/** Whether somebody with these roles may end a pause, once its review was approved. */
export function mayResume(roles: string[] = []): boolean {
  return roles.some((role) => ['on_call', 'owner', 'governance'].includes(role));
}

/** Whether somebody with these roles reads cases and policies at all; whoever runs the system does not. */
export function readsCases(roles: string[]): boolean {
  return roles.some((role) => role !== 'sre');
}
