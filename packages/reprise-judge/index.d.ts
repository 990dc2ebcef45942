/** The folder of each language's judge, as a file URL that ends in a slash. */
export declare const judges: { readonly en: URL; readonly zh: URL }
