package workbook

// What the format defines (ECMA-376 part 1, 18) beside what is read. An element or attribute that is in no table is no more
// Excel's than ours: one that was misspelt would lose what it says, so it is refused. Other vocabularies are passed over.
var (
	besideRows = []string{
		"sheetPr", "dimension", "sheetViews", "sheetFormatPr", "sheetCalcPr", "sheetProtection", "protectedRanges", "scenarios",
		"autoFilter", "sortState", "dataConsolidate", "customSheetViews", "phoneticPr", "conditionalFormatting", "dataValidations",
		"hyperlinks", "printOptions", "pageMargins", "pageSetup", "headerFooter", "rowBreaks", "colBreaks", "customProperties",
		"cellWatches", "ignoredErrors", "smartTags", "drawing", "drawingHF", "legacyDrawing", "legacyDrawingHF", "picture",
		"oleObjects", "controls", "webPublishItems", "tableParts", "extLst",
	}
	besideSheets = []string{
		"fileVersion", "fileSharing", "workbookProtection", "bookViews", "functionGroups", "externalReferences", "calcPr",
		"oleSize", "customWorkbookViews", "pivotCaches", "smartTagPr", "smartTagTypes", "webPublishing", "fileRecoveryPr",
		"webPublishObjects", "extLst",
	}
	besideFormats = []string{
		"fonts", "fills", "borders", "cellStyleXfs", "cellStyles", "dxfs", "tableStyles", "colors", "extLst",
	}

	ofWorkbook = []string{
		"date1904", "dateCompatibility", "showObjects", "showBorderUnselectedObjects", "filterPrivacy", "promptedSolutions",
		"showInkAnnotation", "backupFile", "saveExternalLinkValues", "updateLinks", "codeName", "hidePivotFieldList",
		"showPivotChartFilter", "allowRefreshQuery", "publishItems", "checkCompatibility", "autoCompressPictures",
		"refreshAllConnections", "defaultThemeVersion",
	}
	ofSheet  = []string{"name", "sheetId", "state", "id"}
	ofColumn = []string{"min", "max", "width", "style", "hidden", "bestFit", "customWidth", "phonetic", "outlineLevel", "collapsed"}
	ofFormat = []string{"numFmtId", "formatCode"}
	ofStyle  = []string{
		"numFmtId", "fontId", "fillId", "borderId", "xfId", "quotePrefix", "pivotButton", "applyNumberFormat", "applyFont",
		"applyFill", "applyBorder", "applyAlignment", "applyProtection",
	}
)
