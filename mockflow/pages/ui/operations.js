// Names to choose from; a test compares them with the server's.

export const OPERATIONS = [
  "requestSignUpCode", "completeSignUp", "signIn", "checkAuth", "signOut", "getProfile", "updateProfile",
  "updateName", "updatePassword", "getPreferences", "updatePreferences", "listTasks", "createTask",
  "updateTask", "deleteTask", "searchTasks", "updateTasks", "deleteTasks", "listProjects", "getInbox",
  "listPersonalProjects", "createProject", "getProject", "updateProject", "deleteProject", "listSections",
  "createSection", "updateSection", "deleteSection", "listTags", "createTag", "updateTag", "countTags",
  "deleteTags",
];

export const SEED_SETS = ["demo", "empty", "minimal", "large", "edge"];
