import { join } from 'node:path';
import ts from 'typescript';
import { sourceFiles, sourceRoot } from './importGraph.js';

/** Which properties of a type the code reads, by the compiler's own knowledge: names that happen to be equal do not count. */
export class PropertyReads {
  readonly #checker: ts.TypeChecker;
  readonly #program: ts.Program;
  /** Places that read a property, by its name. Types are asked for only where a name matters: that takes seconds. */
  readonly #places = new Map<string, (ts.PropertyAccessExpression | ts.BindingElement)[]>();

  /** @param counts tells the files, relative to src/, whose reads count */
  constructor(counts: (file: string) => boolean) {
    const { config } = ts.readConfigFile(join(sourceRoot, '..', 'tsconfig.json'), (file) =>
      ts.sys.readFile(file),
    ) as { config: { compilerOptions: object } };
    const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, join(sourceRoot, '..'));
    const files = sourceFiles().filter((file) => !file.startsWith('k8s/statusPage/browser'));
    this.#program = ts.createProgram(
      files.map((file) => join(sourceRoot, file)),
      { ...options, noEmit: true, incremental: false },
    );
    this.#checker = this.#program.getTypeChecker();
    for (const file of files.filter(counts)) {
      const source = this.#program.getSourceFile(join(sourceRoot, file));
      if (source) this.#visit(source);
    }
  }

  /** Is the property at the path read? A path may go on into names that the user chooses: the map itself counts then. */
  has(file: string, typeName: string, path: readonly string[]): boolean {
    let type = this.#typeNamed(file, typeName);
    let last: ts.Symbol | undefined;
    for (const name of path) {
      const property = type.getProperty(name);
      if (!property) break;
      last = property;
      type = this.#checker.getTypeOfSymbol(property);
    }
    return last !== undefined && this.#isRead(last);
  }

  #typeNamed(file: string, name: string): ts.Type {
    const source = this.#program.getSourceFile(join(sourceRoot, file));
    const declared = source?.statements.find(
      (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
    );
    if (!declared) throw new Error(`there is no interface ${name} in ${file}`);
    return this.#checker.getTypeAtLocation(declared);
  }

  #visit(node: ts.Node): void {
    if (ts.isPropertyAccessExpression(node)) this.#note(node.name.text, node);
    if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const name = node.propertyName ?? node.name;
      if (ts.isIdentifier(name)) this.#note(name.text, node);
    }
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  #note(name: string, place: ts.PropertyAccessExpression | ts.BindingElement): void {
    this.#places.set(name, [...(this.#places.get(name) ?? []), place]);
  }

  #isRead(property: ts.Symbol): boolean {
    const wanted = new Set(this.#declarations(property));
    return (this.#places.get(property.name) ?? []).some((place) => {
      const symbol = ts.isPropertyAccessExpression(place)
        ? this.#checker.getSymbolAtLocation(place.name)
        : this.#checker.getTypeAtLocation(place.parent).getProperty(property.name);
      return symbol !== undefined && this.#declarations(symbol).some((node) => wanted.has(node));
    });
  }

  /** Where a property was written down, through spreads and mapped types. */
  #declarations(symbol: ts.Symbol): readonly ts.Node[] {
    return this.#checker
      .getRootSymbols(symbol)
      .flatMap((root) => (root === symbol ? (root.declarations ?? []) : this.#declarations(root)));
  }
}
