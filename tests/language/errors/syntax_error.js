// exit: 1
// stderr: syntax_error.js:5
// stderr: let x = ;
// stderr: SyntaxError: Unexpected token ';'
let x = ;
