export { AnswerDialog, type AnswerKind } from "./AnswerDialog.tsx";
export { acknowledgeBreach, dismissRemarks, useAnswers } from "./answers.ts";
export { placeOf } from "./place.ts";
