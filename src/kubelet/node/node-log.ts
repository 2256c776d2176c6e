/** Where the node says what an administrator should know. */
export interface NodeLog {
  info(message: string): void;
  warn(message: string): void;
}
