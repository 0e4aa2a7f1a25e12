// Where the libraries beside this file are.
export const dir = import.meta.dirname;
