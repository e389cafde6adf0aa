mod wrong_input;
