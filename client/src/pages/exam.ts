// The exam: from the system check to the receipt, in one document.
import "../exam/app";
