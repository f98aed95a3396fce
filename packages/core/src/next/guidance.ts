/** What an agent is told to do in each step that has no work package. Data, in our own words. */

/** By type and step; a type of the project's own brings its own words. */
export const GUIDANCE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'software-dev': {
    discovery: `Look first at what is there: the code, its tests and its documents that this wish touches. Then ask the person who wants it, one question at a time: who needs it, what they do today, what must be possible afterwards, what is out of scope, how success is seen. Two or three questions for a small wish, five for a large one. Stop when you could write the requirements. Write nothing yet.`,
    specify: `Write spec.md: what and why, never how.

# <Title>

## User scenarios

### <Scenario> (P1)

Given … when … then …

## Requirements

### Functional

| ID | Title | Requirement | Priority | Status |
|----|-------|-------------|----------|--------|
| FR-001 | short name | what the product does, so that it can be tested | High | proposed |

NFR-001 … (with a number) and C-001 … (constraints) in tables of the same form; then "## Success criteria" and "## Assumptions".

Say what is there today and what changes. Each requirement says one thing that a test can show. What nobody has decided is asked now.

Check before you hand over, and write it down in checklists/requirements.md, a box "- [ ]" each: every requirement can be shown by a test; every scenario has a requirement; no word has two meanings; nothing says how it is built; what is out of scope is said; no open question would change the scope. Mend what fails and look again; what fails a third time is told to the person.

The first command below commits it and lays out plan.md; that it answers "blocked" is about the plan, which comes next.`,
    plan: `Read the code that the work will touch: patterns that are there win over new ones. Then fill in plan.md. Its sections: Summary, Technical Context ("**Language/Version**: …", "**Primary Dependencies**: …", "**Testing**: …" and the others, with real values), Charter Check, Project Structure, Concerns ("### IC-01 <name>": requirements, paths, order, risks), Decisions (each with its reason and what was turned down), Risks.

Under **Testing** write the command that runs the tests. Every functional requirement is in a concern. Where it helps, add research.md, data-model.md or contracts/ beside it: the command below commits them too.`,
    tasks: `Cut the plan into work packages that one agent finishes in one sitting: three to seven subtasks, one purpose, files of its own. tasks.md has a section for each:

## WP01 - <title>

Goal: …
Independent test: …
Requirements: FR-001

- [ ] T001 first subtask

and, where it builds on another, a line "Depends on WP01". tasks/WP01-short-name.md has front matter (work_package_id, title, dependencies, requirement_refs, subtasks, execution_mode: code_change, owned_files, create_intent) and instructions for somebody who cannot ask you; tasks/README.md shows the form. Every functional requirement is brought by a package; no two own the same file; state only dependencies that are real, so that the rest is built in parallel. Tests belong to the package whose code they test. New single files stand under create_intent too.`,
    accept: `Every package is through. Check the requirements of spec.md against what was built, then accept and merge. The dry run shows what would happen and what stands in the way.`,
  },
  research: {
    scoping: `Write spec.md: the question in one sentence, why it is asked and who will act on the answer, what is in and what is out, terms that can be read in two ways, and how good an answer must be (numbers, dates, level of proof). Number the questions RQ-001, RQ-002, so that findings can refer to them. Ask the person about anything that would change the search.`,
    methodology: `Write plan.md: where you will look (and why there), which words you will search for, what makes a source count and what rules it out, how two sources that disagree are weighed, and when you stop. Somebody else who follows it must find the same sources.`,
    gathering: `Search as plan.md says. Register each source in source-register.csv, one a row, at least three:

source_id,title,address,accessed,kind,trust
S1,"Title, as it stands there",https://…,2026-01-31,paper,high

Put a field with a comma into quotes. kind: paper, documentation, code, measurement, report, conversation. trust: high, medium, low. Note beside it, in notes.md, what each one says, with the place (page, section, line). Write down what you saw, not what you expected.`,
    synthesis: `Write findings.md: for each question RQ-001 … what the sources say together, every statement with its source ([S1]), where they disagree and which you follow and why, what stayed open. Mark what only one source says, and what you could not verify.`,
    output: `Write report.md for the person who asked: the answer in the first paragraph, how sure it is, what it rests on ([S1] …), what would change it, and what should be done now. Everything in it is in findings.md; nothing new appears here.`,
  },
  documentation: {
    discover: `Write spec.md: who reads this documentation and what they want to do, which pages are in scope and which are not, in what language and tone, and how it is seen that a reader succeeds (a task that they finish alone). Look at what is there before you ask.`,
    audit: `Read every page that is in scope and try what it says. Write gap-analysis.md: a table page → reader → kind (tutorial, how-to, reference, explanation) → state (right, wrong, missing, doubled) → what to do; then the tasks of readers for which there is no page.`,
    design: `Write plan.md: the pages to write, change, join or delete, with path, kind, purpose and order; how readers get from one to the next; which examples are run by a test or by hand; who checks the facts.`,
    generate: `Write and change the pages under docs/ that plan.md lists, in its order. One purpose a page. Run every command and every example you print and paste what came out. Link both ways. When pages live elsewhere in this project, write them there and say so in plan.md.`,
    validate: `Check every page of plan.md as its reader: links, commands, examples, names of options, facts against the code. Write audit-report.md: page, what was checked and how, what was wrong, what was mended, what is left open and why. Mend what is wrong before you go on.`,
    publish: `Publish as this project does (look into its README and its CI; ask when there is no way written down). Write release.md: where the pages are, from which commit, when, and what readers should be told.`,
  },
  plan: {
    specify: `Write spec.md: what is to be planned and why now, who decides, what must hold afterwards, what is out of scope, and the limits (money, time, people, technology). Ask the person about anything that would change the plan.`,
    research: `Write research.md: the questions whose answers change the plan, and for each the decision, the evidence (file, command with its output, address with date), the alternatives and how sure you are. Look into the code and its history first.`,
    plan: `Write plan.md: the way in steps, each with its outcome, who does it, what it needs, how it is seen that it is done; then the decisions with their reasons and what was turned down, the risks with the first sign of each, and what is left open.`,
    review: `Give spec.md, research.md and plan.md to somebody who did not write them: another agent or the person who asked. Write review.md: who reviewed, what was found (place, problem, remedy), what was changed, and the outcome: go, go with changes, or no. Change the plan first where it must be changed.`,
  },
}

/** The last step of a mission whose outcome is documents. */
export const CLOSING = `Every document is written. Read them once more as the one who will use them, mend what is wrong, and close the mission. Nothing is merged: the documents are in the history already.`
