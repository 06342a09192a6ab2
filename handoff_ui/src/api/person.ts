/** Somebody, as the companion names them. */
export interface Person {
  id: string;
  name: string | null;
}
