import { languageChain } from './languages.ts';
import type { RawText } from './schema-parts.ts';
import { compileTemplate, type Template } from './templates.ts';
import type { SourcePath } from './yaml-source.ts';

/** A text of a dialog file: variants per language, compiled. */
export interface DialogText {
  /** `null`: the same in every language. */
  readonly languages: readonly string[] | null;
  /** The variants for a language, never empty. */
  forLanguage(language: string, shopLanguages: readonly string[]): readonly Template[];
}

export interface CompiledText {
  text: DialogText;
  templates: { template: Template; at: SourcePath }[];
  problems: { at: SourcePath; what: string }[];
}

const EMPTY: readonly Template[] = [{ source: '', reads: [], render: () => '' }];

export function compileText(raw: RawText): CompiledText {
  const templates: CompiledText['templates'] = [];
  const problems: CompiledText['problems'] = [];
  const compileVariants = (value: string | string[], at: SourcePath): Template[] =>
    (typeof value === 'string' ? [value] : value).flatMap((source, i) => {
      const place = typeof value === 'string' ? at : [...at, i];
      const compiled = compileTemplate(source);
      if ('problem' in compiled) {
        problems.push({ at: place, what: compiled.problem });
        return [];
      }
      templates.push({ template: compiled.template, at: place });
      return [compiled.template];
    });
  if (typeof raw === 'string' || Array.isArray(raw)) {
    const variants = compileVariants(raw, []);
    return {
      text: { languages: null, forLanguage: () => (variants.length > 0 ? variants : EMPTY) },
      templates,
      problems,
    };
  }
  const byLanguage = new Map(Object.entries(raw).map(([code, value]) => [code, compileVariants(value, [code])]));
  const first = byLanguage.values().next().value ?? EMPTY;
  const text: DialogText = {
    languages: [...byLanguage.keys()],
    forLanguage(language, shopLanguages) {
      for (const code of languageChain(language, shopLanguages)) {
        const variants = byLanguage.get(code);
        if (variants !== undefined && variants.length > 0) return variants;
      }
      return first.length > 0 ? first : EMPTY;
    },
  };
  return { text, templates, problems };
}
