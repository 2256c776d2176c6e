/**
 * Expands `$(NAME)` as Kubernetes does it in env values, commands and arguments: `$$` stands for
 * one `$`, and a reference to a variable that is not defined stays as it is written.
 */
export function expandVariables(text: string, variables: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(\$|\(([^)]*)\))/g, (written, escaped: string, name?: string) => {
    if (escaped === '$') return '$';
    return variables.get(name ?? '') ?? written;
  });
}
