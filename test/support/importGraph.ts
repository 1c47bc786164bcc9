import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

/** One import as written in a file under src/. */
export interface ImportEdge {
  /** Importing file, relative to src/. */
  readonly from: string;
  /** Imported file relative to src/, or the package's name. */
  readonly to: string;
  readonly external: boolean;
  /** True for `import type`, which leaves nothing behind at run time. */
  readonly typeOnly: boolean;
  /** True for `import()`: loaded only when the line runs. */
  readonly dynamic: boolean;
}

export const sourceRoot = resolve(import.meta.dirname, '../../src');

/** All TypeScript files under src/ but tests, relative to src/. */
export function sourceFiles(): string[] {
  return readdirSync(sourceRoot, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.includes('testing/'))
    .sort();
}

/** Reads the imports of every source file with the compiler's own parser. */
export function readImportGraph(): ImportEdge[] {
  return sourceFiles().flatMap((file) => importsOf(file));
}

function importsOf(file: string): ImportEdge[] {
  const path = join(sourceRoot, file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const edges: ImportEdge[] = [];
  const add = (specifier: string, typeOnly: boolean, dynamic: boolean): void => {
    const external = !specifier.startsWith('.');
    const to = external
      ? specifier
      : relative(sourceRoot, resolve(dirname(path), specifier)).replace(/\.js$/, '.ts');
    edges.push({ from: file, to, external, typeOnly, dynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      add(node.moduleSpecifier.text, isTypeOnly(node.importClause), false);
    } else if (
      ts.isExportDeclaration(node) &&
      node.moduleSpecifier &&
      ts.isStringLiteral(node.moduleSpecifier)
    ) {
      add(node.moduleSpecifier.text, node.isTypeOnly, false);
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const argument = node.arguments[0];
      if (argument && ts.isStringLiteral(argument)) add(argument.text, false, true);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edges;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return (
    !clause.name &&
    bindings !== undefined &&
    ts.isNamedImports(bindings) &&
    bindings.elements.length > 0 &&
    bindings.elements.every((element) => element.isTypeOnly)
  );
}

/** A circle of files, or undefined. Type imports count too: a circle of types is still a circle to a reader. */
export function findCircle(edges: readonly ImportEdge[]): string[] | undefined {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    if (!edge.external) next.set(edge.from, [...(next.get(edge.from) ?? []), edge.to]);
  }
  const done = new Set<string>();
  const path: string[] = [];
  const walk = (file: string): string[] | undefined => {
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    if (done.has(file)) return undefined;
    path.push(file);
    for (const to of next.get(file) ?? []) {
      const circle = walk(to);
      if (circle) return circle;
    }
    path.pop();
    done.add(file);
    return undefined;
  };
  for (const file of next.keys()) {
    const circle = walk(file);
    if (circle) return circle;
  }
  return undefined;
}

/** Everything that is loaded at once when this file is: files and packages. */
export function loadedWith(edges: readonly ImportEdge[], start: string): Set<string> {
  const loaded = new Set([start]);
  for (const file of loaded) {
    for (const { from, to, typeOnly, dynamic } of edges) {
      if (from === file && !typeOnly && !dynamic) loaded.add(to);
    }
  }
  return loaded;
}
