/** The folder of each language's judge, as a file URL that ends in a slash. */
export const judges = {
  en: new URL('./en/', import.meta.url),
  zh: new URL('./zh/', import.meta.url),
}
