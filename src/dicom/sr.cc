/* Structured reports and key object selections: rows of a content tree into DCMTK's raw tree, which checks each against
   PS3.3 A.35, and from there into a data set. */
#include "guard.h"
#include "out.h"

#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#include "dcmtk/dcmsr/dsrcsidl.h"
#include "dcmtk/dcmsr/dsrdoctr.h"
#include "dcmtk/dcmsr/dsrsoprf.h"

namespace
{
const DSRTypes::E_RelationshipType relations[] = {
    DSRTypes::RT_isRoot,        DSRTypes::RT_contains,      DSRTypes::RT_hasConceptMod, DSRTypes::RT_hasObsContext,
    DSRTypes::RT_hasAcqContext, DSRTypes::RT_hasProperties, DSRTypes::RT_inferredFrom,  DSRTypes::RT_selectedFrom,
};

const DSRTypes::E_ValueType types[] = {
    DSRTypes::VT_Container, DSRTypes::VT_Code,   DSRTypes::VT_Text,  DSRTypes::VT_Num,       DSRTypes::VT_UIDRef,
    DSRTypes::VT_Date,      DSRTypes::VT_SCoord, DSRTypes::VT_Image, DSRTypes::VT_Composite,
};

DSRCodedEntryValue coded(const rs_dicom_code *code)
{
    return DSRCodedEntryValue(code->value, code->scheme, code->meaning);
}

OFCondition set_points(DSRContentItem &item, const rs_sr_item &row)
{
    DSRSpatialCoordinatesValue value(DSRTypes::GT_Polyline);
    for (int p = 0; p < row.n_points; p++)
        value.getGraphicDataList().addItem(static_cast<Float32>(row.points[p][0]),
                                           static_cast<Float32>(row.points[p][1]));
    return item.setSpatialCoordinates(value);
}

/* UIDs of the source are taken as they are: what is wrong in them must not part the report from its images. */
OFCondition set_image(DSRContentItem &item, const rs_sr_item &row)
{
    DSRImageReferenceValue value(row.sop_class_uid, row.sop_instance_uid, OFFalse);
    if (row.frame > 0) value.getFrameList().addItem(row.frame);
    if (row.segment > 0) value.getSegmentList().addItem(static_cast<Uint16>(row.segment));
    return item.setImageReference(value, OFFalse);
}

OFCondition set_value(DSRContentItem &item, const rs_sr_item &row)
{
    switch (row.type) {
    case RS_SR_CONTAINER:
        if (row.template_id) {
            const OFCondition condition = item.setTemplateIdentification(row.template_id, "DCMR");
            if (condition.bad()) return condition;
        }
        return item.setContinuityOfContent(DSRTypes::COC_Separate);
    case RS_SR_CODE:
        return item.setCodeValue(coded(row.code));
    case RS_SR_NUM:
        return item.setNumericValue(DSRNumericMeasurementValue(row.text, coded(row.code)));
    case RS_SR_SCOORD:
        return set_points(item, row);
    case RS_SR_IMAGE:
        return set_image(item, row);
    case RS_SR_COMPOSITE:
        return item.setCompositeReference(DSRCompositeReferenceValue(row.sop_class_uid, row.sop_instance_uid, OFFalse),
                                          OFFalse);
    case RS_SR_UIDREF:
        return item.setStringValue(row.text, OFFalse);
    default:
        return item.setStringValue(row.text);
    }
}

rs_status refused(rs_context *ctx, int row, const rs_sr_item &item, const char *why)
{
    return rs_fail(ctx, RS_DEFECT, "row %d (%s) of a structured report cannot be set: %s", row,
                   item.name ? item.name->meaning : "no name", why);
}

bool is_complete(const rs_sr_item &row)
{
    if (row.type == RS_SR_CODE) return row.code;
    if (row.type == RS_SR_NUM) return row.code && row.text;
    if (row.type == RS_SR_SCOORD) return row.points && row.n_points > 0;
    if (row.type == RS_SR_IMAGE || row.type == RS_SR_COMPOSITE) return row.sop_class_uid && row.sop_instance_uid;
    return row.type == RS_SR_CONTAINER || (row.text && *row.text);
}

rs_status add_rows(rs_context *ctx, DSRDocumentTree &tree, const rs_sr_document &document)
{
    int level = -1;
    for (int i = 0; i < document.n_items; i++) {
        const rs_sr_item &row = document.items[i];
        if (row.level > level + 1 || (row.level == 0) != (i == 0)) return refused(ctx, i, row, "it has no parent");
        if (!is_complete(row)) return refused(ctx, i, row, "it has no value");
        const DSRTypes::E_AddMode mode = row.level > level ? DSRTypes::AM_belowCurrent : DSRTypes::AM_afterCurrent;
        for (; level > row.level; level--)
            tree.goUp();
        level = row.level;
        if (tree.addContentItem(relations[row.relation], types[row.type], mode) == 0)
            return refused(ctx, i, row, "no such relation is allowed there");
        DSRContentItem &item = tree.getCurrentContentItem();
        OFCondition condition = row.name ? item.setConceptName(coded(row.name)) : EC_Normal;
        if (condition.good()) condition = set_value(item, row);
        if (condition.bad()) return refused(ctx, i, row, condition.text());
    }
    return RS_OK;
}

OFCondition add_references(DSRSOPInstanceReferenceList &list, const rs_sr_reference *references, int n)
{
    OFCondition condition = EC_Normal;
    for (int r = 0; r < n && condition.good(); r++) {
        const rs_sr_reference &one = references[r];
        condition = list.addItem(one.study_uid, one.series_uid, one.sop_class_uid, one.sop_instance_uid, OFFalse);
    }
    return condition;
}

OFCondition add_scheme(DSRCodingSchemeIdentificationList &list, const rs_sr_scheme &scheme)
{
    if (!scheme.designator) return EC_Normal;
    OFCondition condition = list.addItem(scheme.designator);
    if (condition.good()) condition = list.setCodingSchemeName(scheme.name);
    if (condition.good()) condition = list.setCodingSchemeResponsibleOrganization(scheme.organization);
    return condition;
}

/* SR Document General (PS3.3 C.17.2), which key objects have not. */
OFCondition put_general(DcmItem &to, const rs_sr_document &from)
{
    DSRSOPInstanceReferenceList predecessors(DCM_PredecessorDocumentsSequence);
    OFCondition condition = add_references(predecessors, from.predecessors, from.n_predecessors);
    if (condition.good() && !predecessors.isEmpty()) condition = predecessors.write(to);
    if (condition.good()) condition = to.putAndInsertString(DCM_PreliminaryFlag, "PRELIMINARY");
    if (condition.good()) condition = to.putAndInsertString(DCM_CompletionFlag, "COMPLETE");
    if (condition.good()) condition = to.putAndInsertString(DCM_VerificationFlag, "UNVERIFIED");
    if (condition.good()) condition = to.insertEmptyElement(DCM_PerformedProcedureCodeSequence);
    return condition;
}

/* The tree and its lists, without DSRDocument around them: for UIDs that nobody would read that class asks for the name
   of this host, which is a question to the network (gethostid). Patient, study, series, UIDs and times are not this
   file's business. */
rs_status write(rs_context *ctx, rs_dicom_out *out, const rs_sr_document &from)
{
    DcmItem &to = rs_dicom_out_dataset(out);
    DSRDocumentTree tree(from.key_objects ? DSRTypes::DT_KeyObjectSelectionDocument : DSRTypes::DT_ComprehensiveSR);
    DSRSOPInstanceReferenceList evidence(DCM_CurrentRequestedProcedureEvidenceSequence);
    DSRCodingSchemeIdentificationList schemes;
    RS_TRY(add_rows(ctx, tree, from));
    OFCondition condition = add_scheme(schemes, from.scheme);
    if (condition.good()) condition = add_references(evidence, from.evidence, from.n_evidence);
    if (condition.good() && !schemes.isEmpty()) condition = schemes.write(to);
    if (condition.good() && !evidence.isEmpty()) condition = evidence.write(to);
    if (condition.good()) condition = to.insertEmptyElement(DCM_ReferencedPerformedProcedureStepSequence);
    if (condition.good() && !from.key_objects) condition = put_general(to, from);
    if (condition.good()) condition = tree.write(to);
    if (condition == EC_MemoryExhausted) return rs_fail_memory(ctx, "a DICOM object");
    if (condition.bad()) return rs_fail(ctx, RS_DEFECT, "a document cannot be written: %s", condition.text());
    return RS_OK;
}
} // namespace

extern "C" rs_status rs_dicom_out_document(rs_context *ctx, rs_dicom_out *out, const rs_sr_document *document)
{
    return guarded(ctx, [&] { return write(ctx, out, *document); });
}
